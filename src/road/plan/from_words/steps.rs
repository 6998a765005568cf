//! A request of several steps, divided: at sentence ends, at `then`, and at `and` before another verb. A verb that is left out the
//! second time ("scale a to 3 and b to 2") is put back.

use super::{
    fill::is_access_verb,
    lexicon::{Act, Sense},
    parts::{Part, off},
    tag::{Is, Token},
};

/// The steps of a request, in order; a step that says nothing is left out.
pub fn split(tokens: &[Token]) -> Vec<Vec<Token>> {
    if off(Part::Steps) {
        return vec![tokens.to_vec()];
    }
    let mut steps: Vec<Vec<Token>> = vec![Vec::new()];
    let mut rest = without_remark(tokens.to_vec()).into_iter().peekable();
    let mut ahead: Vec<Token> = Vec::new();
    while let Some(token) = rest.next() {
        let divides = match &token.is {
            Is::Stop | Is::Sense(Sense::Then) => true,
            Is::Comma | Is::Sense(Sense::And) => {
                // Small words may stand between `and` and its verb.
                while rest.peek().is_some_and(|t| matches!(t.is, Is::Sense(Sense::Filler | Sense::And | Sense::Then))) {
                    ahead.extend(rest.next());
                }
                // "verbs get, list and watch": of a role, and no steps.
                let of_a_role = steps.last().is_some_and(|step| {
                    let makes = step.first().is_some_and(|t| t.means(Sense::Act(Act::Create)));
                    let role = |t: &Token| matches!(&t.is, Is::Kind(kind, false) if kind.info().plural.ends_with("roles"));
                    step.iter().any(|t| t.means(Sense::Role("verb"))) || makes && step.iter().any(role)
                }) && rest.peek().is_some_and(|t| is_access_verb(&t.said.to_lowercase()));
                // "listen on port 80 and forward to port 8080 of web": one act, said in two parts.
                let in_parts = steps.last().is_some_and(|step| {
                    step.iter().any(|t| t.means(Sense::Act(Act::Forward)))
                        && !step.iter().any(|t| t.nameable() || matches!(t.is, Is::Slashed(..)))
                }) && rest.peek().is_some_and(|t| t.means(Sense::Act(Act::Forward)));
                // "if its current size is 2, scale it to 3"
                let precondition = steps.last().is_some_and(|step| {
                    step.first().is_some_and(|t| t.means(Sense::Condition)) && step.iter().any(|t| t.means(Sense::Role("current-replicas")))
                });
                // "and the label tier": the noun
                let noun = token.said.to_lowercase().ends_with(" the") && rest.peek().is_some_and(|t| t.means(Sense::Label));
                ahead.iter().any(|t| t.means(Sense::Then))
                    || !(of_a_role || in_parts || precondition || noun) && rest.peek().is_some_and(begins_a_step)
            }
            _ => false,
        };
        if divides {
            ahead.clear();
            steps.push(Vec::new());
        } else if let Some(step) = steps.last_mut() {
            step.push(token);
            step.append(&mut ahead);
        }
    }
    let said = |step: &Vec<Token>| {
        !step.iter().all(|t| matches!(t.is, Is::Sense(Sense::Filler | Sense::Det | Sense::And | Sense::Then) | Is::Comma))
    };
    let steps = attributes(ports_of_what_is_made(steps));
    steps.into_iter().map(without_reason).filter(said).flat_map(gapped).collect()
}

/// "create a deployment … and expose port 80": the port is the container's, and no step of its own. "expose it on port 80" is a Service.
fn ports_of_what_is_made(steps: Vec<Vec<Token>>) -> Vec<Vec<Token>> {
    let makes = |step: &[Token]| step.iter().any(|t| matches!(t.is, Is::Sense(Sense::Act(Act::Create | Act::Run))));
    let a_port = |step: &[Token]| {
        let small = |t: &Token| {
            matches!(
                t.is,
                Is::Sense(Sense::Act(Act::Expose) | Sense::Det | Sense::Filler | Sense::On | Sense::Role("port")) | Is::Number(_)
            )
        };
        step.first().is_some_and(|t| t.means(Sense::Act(Act::Expose)))
            && step.iter().any(|t| t.means(Sense::Role("port")))
            && step.iter().all(small)
    };
    let mut joined: Vec<Vec<Token>> = Vec::with_capacity(steps.len());
    for step in steps {
        match joined.last_mut() {
            Some(last) if makes(last) && a_port(&step) => {
                last.extend(step.into_iter().filter(|t| matches!(t.is, Is::Sense(Sense::Role(_)) | Is::Number(_))));
            }
            _ => joined.push(step),
        }
    }
    joined
}

/// "… Restart policy must be Never.", "…; the application listens on port 3000": a sentence without a verb of its own says more of what is
/// made before it.
fn attributes(steps: Vec<Vec<Token>>) -> Vec<Vec<Token>> {
    if off(Part::Attributes) {
        return steps;
    }
    let makes = |step: &[Token]| {
        step.iter().any(|t| matches!(t.is, Is::Sense(Sense::Act(Act::Create | Act::Run | Act::Expose | Act::Deploy | Act::Autoscale))))
    };
    let told = |t: &Token| matches!(t.is, Is::Sense(Sense::Role(_) | Sense::Given(..) | Sense::Image | Sense::Runs | Sense::Named));
    let mut joined: Vec<Vec<Token>> = Vec::with_capacity(steps.len());
    for step in steps {
        // "and set its restart policy to Never"
        let its = step.first().is_some_and(|t| t.means(Sense::Alter(0))) && step.get(1).is_some_and(|t| t.said.eq_ignore_ascii_case("its"));
        let tells = !step.iter().skip(usize::from(its)).any(|t| begins_a_step(t) || t.means(Sense::Not) || t.means(Sense::Condition));
        let from = step.iter().position(told);
        match (joined.last_mut(), from) {
            (Some(last), Some(from))
                if makes(last) && tells && step[..from].iter().all(|t| !matches!(t.is, Is::Slashed(..) | Is::Pair(_))) =>
            {
                let small = |t: &Token| ["must", "should", "shall"].contains(&t.said.to_lowercase().as_str());
                // A command that stands before ends there.
                last.push(Token { said: ",".into(), is: Is::Comma, mended: None });
                last.extend(step[from..].iter().filter(|t| !small(t)).cloned());
            }
            _ => joined.push(step),
        }
    }
    joined
}

fn begins_a_step(token: &Token) -> bool {
    matches!(
        token.is,
        Is::Sense(
            Sense::Act(_)
                | Sense::Show
                | Sense::Alter(_)
                | Sense::Foreign
                | Sense::Halt
                | Sense::Start
                | Sense::Mark
                | Sense::Probe
                | Sense::Why
                | Sense::HowMany
                | Sense::Label
        )
    )
}

/// "because …", "so that …": why it is wanted, not what. Left out where no other verb hides in it.
fn without_reason(mut step: Vec<Token>) -> Vec<Token> {
    if let Some(at) = step.iter().position(|t| t.means(Sense::Because)).filter(|at| *at > 0) {
        // "so that the resources you create are kept apart": what somebody does there is no order.
        let told = |i: usize| ["you", "we", "they", "it", "i", "to"].contains(&step[i - 1].said.to_lowercase().as_str());
        let hides = |i: usize| match step[i].is {
            Is::Sense(Sense::Act(_) | Sense::Alter(_)) => !told(i),
            Is::Sense(Sense::Not | Sense::Condition | Sense::Given(..)) | Is::Number(_) => true,
            _ => false,
        };
        if !(at + 1..step.len()).any(hides) {
            step.truncate(at);
        }
    }
    step
}

/// "If the key is there already, its value is replaced": at the end, a sentence that begins so, whose main clause says in the passive what
/// becomes of a value. It tells how the operation works and asks for nothing.
fn without_remark(mut tokens: Vec<Token>) -> Vec<Token> {
    // Documentation is often quoted without its full stops: there a capital begins the sentence.
    let begins = |at: usize| {
        tokens[at].means(Sense::Condition) && (tokens[at - 1].is == Is::Stop || tokens[at].said.starts_with(|c: char| c.is_uppercase()))
    };
    let Some(from) = (2..tokens.len()).find(|at| begins(*at)) else { return tokens };
    let Some(comma) = (from..tokens.len()).find(|at| tokens[*at].is == Is::Comma) else { return tokens };
    let main = &tokens[comma + 1..];
    let passive = (0..main.len()).any(|at| {
        let aux = main[at].means(Sense::Be) || ["will", "be"].contains(&main[at].said.to_lowercase().as_str());
        aux && main.get(at + 1).is_some_and(|next| next.said.to_lowercase().ends_with("ed") || next.means(Sense::Be))
    });
    let asks = |at: usize| begins_a_step(&main[at]) && !at.checked_sub(1).is_some_and(|before| main[before].means(Sense::Be));
    let of_a_value = main.iter().any(|t| t.means(Sense::Value));
    let ends = !main.iter().any(|t| matches!(t.is, Is::Stop | Is::Sense(Sense::Then)));
    if passive && of_a_value && ends && !(0..main.len()).any(asks) {
        tokens.truncate(from);
    }
    tokens
}

/// `scale a to 3 and b to 2` as two steps.
fn gapped(step: Vec<Token>) -> Vec<Vec<Token>> {
    let Some(verb) = step.iter().position(|t| t.means(Sense::Act(Act::Scale))) else {
        return vec![step];
    };
    let precondition = step.iter().any(|t| t.means(Sense::Role("current-replicas")));
    if precondition || step.iter().filter(|t| matches!(t.is, Is::Number(_))).count() < 2 {
        return vec![step];
    }
    let verb = step[verb].clone();
    let mut steps: Vec<Vec<Token>> = vec![Vec::new()];
    let mut counted = false;
    for token in step {
        counted |= matches!(token.is, Is::Number(_));
        if counted && (token.is == Is::Comma || token.means(Sense::And)) {
            steps.push(vec![verb.clone()]);
            counted = false;
        } else if let Some(last) = steps.last_mut() {
            last.push(token);
        }
    }
    steps.retain(|s| s.len() > 1);
    steps
}

#[cfg(test)]
mod tests {
    use super::{
        super::{normalise::normalise, tag::tag},
        *,
    };

    fn steps(text: &str) -> Vec<String> {
        split(&tag(&normalise(text))).iter().map(|s| s.iter().map(|t| t.said.as_str()).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn where_a_request_divides() {
        for (text, want) in [
            ("scale a to 3 and restart b", vec!["scale a to 3", "restart b"]),
            ("restart a and b", vec!["restart a and b"]),
            ("get pods, then describe pod a", vec!["get pods", "describe pod a"]),
            ("Show services; then delete everything", vec!["Show services", "delete everything"]),
            ("scale a to 3 and b to 2", vec!["scale a to 3", "scale b to 2"]),
            ("restart web because it was slow", vec!["restart web"]),
            ("get pods and services", vec!["get pods and services"]),
            ("please", vec![]),
        ] {
            assert_eq!(steps(text), want, "{text}");
        }
    }
}
