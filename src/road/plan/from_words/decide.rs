//! Fourth step: which operation a step asks for, before its objects are looked at.

use super::{
    frames::verb,
    goals,
    lexicon::{Act, Goal, State},
    lines,
    room::left_over,
    slots::{Amount, Ask, Place, Slots},
};

/// What a step comes to, before its objects are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It asks for this.
    Do(Act),
    /// It is understood and will not be done so; one sentence, and what to do instead.
    Refuse(&'static str, &'static str),
    /// A change of which a part is not understood: the act, and the words.
    Unclear(Act, Vec<String>),
    /// It asks for a change and does not say of what.
    Vague(&'static str),
    /// It says what is wanted and no operation; whether it wishes for a change.
    Goal(Goal, bool),
    /// The grammar does not know it.
    Unknown,
}

/// Which act a step asks for.
pub fn decide(s: &Slots) -> Decision {
    if s.lesson {
        return Decision::Unknown;
    }
    let changes = changing_acts(s);
    if let Some((goal, change)) = goals::wanted(s, &changes) {
        return Decision::Goal(goal, change);
    }
    // A chart that does not exist yet is written by hand, or by a model.
    if changes.contains(&Act::Create) && lines::says(s, "helm") {
        return Decision::Unclear(Act::Create, vec!["chart".into()]);
    }
    if changes.contains(&Act::Create) && !(s.from_file && s.objects.is_empty()) && lines::chosen(s, Act::Create).is_none() {
        return Decision::Unknown;
    }
    if let Some(act) = changes.first() {
        return decide_change(s, *act, &changes);
    }
    if s.acts.contains(&Act::Help) {
        let alone = s.objects.is_empty() && s.topics.is_empty() && s.leftover.is_empty() && s.foreign.is_empty();
        return if alone { Decision::Do(Act::Help) } else { Decision::Unknown };
    }
    if !s.foreign.is_empty() || s.docker {
        return Decision::Unknown;
    }
    if let Some(halt) = s.halt {
        let named = s.objects.iter().filter(|o| !o.names.is_empty()).count() == 1 && s.leftover.is_empty();
        let orders = s.acts.is_empty() && s.alter.is_none() && s.ask.is_none() && !s.show && !s.not && !s.condition && !s.everything;
        return if named && orders { Decision::Vague(if halt { "stop" } else { "start" }) } else { Decision::Unknown };
    }
    // "what is wrong with my chart", "why does the helm upgrade fail": what helm says of it.
    if let Some(act) = helm_act(s) {
        return Decision::Do(act);
    }
    if s.alter.is_some() || s.mark {
        return vague_change(s);
    }
    let Some(act) = read_act(s) else { return Decision::Unknown };
    let mut left = left_over(s, act);
    // Two objects that nothing joins: one of them is not what it looks like.
    let named = s.objects.iter().filter(|o| !o.names.is_empty());
    left.extend(named.skip(1).filter(|o| !o.joined).flat_map(|o| o.names.clone()));
    // A person who asks why may tell a story around the object; the answer begins with the object.
    let story = s.ask == Some(Ask::Why) && s.objects.iter().any(|o| !o.names.is_empty() || !o.kinds.is_empty());
    if act == Act::Investigate && s.objects.len() > 1 {
        left.extend(
            s.objects
                .iter()
                .skip(1)
                .filter(|o| !o.joined && !o.kinds.iter().all(|k| k.is("pods", "")))
                .map(|_| "a second object".to_string()),
        );
    }
    let these = act == Act::Get && !s.states.is_empty();
    let everything = s.everything && !these && !matches!(act, Act::CanI | Act::Line(_));
    let denied = s.not && act != Act::Investigate || s.condition || s.or && s.types.len() < 2;
    if denied || everything && act != Act::Investigate || !left.is_empty() && !story { Decision::Unknown } else { Decision::Do(act) }
}

/// What is asked of a chart or a release in other words than helm's.
fn helm_act(s: &Slots) -> Option<Act> {
    let clear = s.topics.is_empty() && s.leftover.is_empty() && !s.not && !s.condition;
    let why = s.ask == Some(Ask::Why);
    let asks = lines::says(s, "helm") && clear && (why || s.probe || s.advise);
    asks.then_some(Act::Line(if why { "helm status" } else { "helm lint" }))
}

fn vague_change(s: &Slots) -> Decision {
    let named = s.objects.iter().any(|o| !o.names.is_empty() || !o.kinds.is_empty()) || s.it;
    let clear = s.leftover.is_empty() && s.foreign.is_empty() && !s.not && !s.condition;
    let amount = (s.cpu || s.memory) && s.alter.is_some() && s.ask.is_none() && !s.show && named && !s.not && !s.condition;
    if amount {
        return Decision::Vague("limits");
    }
    let named = named || !s.given.is_empty();
    if named && clear && s.alter.is_some() && s.ask.is_none() && !s.show { Decision::Vague("what") } else { Decision::Unknown }
}

fn decide_change(s: &Slots, act: Act, changes: &[Act]) -> Decision {
    if let Some(ask) = s.ask {
        // "why did web restart" asks, it does not order.
        let why = ask == Ask::Why && s.foreign.is_empty() && !s.docker;
        return if why { Decision::Do(Act::Investigate) } else { Decision::Unknown };
    }
    if s.not {
        return Decision::Refuse("it says what not to do, and aiops does not guess what is left", "say only what shall be done");
    }
    // "if it has 2 replicas now": kubectl's own precondition.
    if s.condition && !(act == Act::Scale && s.says("current-replicas") && s.amount.is_some()) {
        return Decision::Refuse(
            "it depends on a condition or on a time, and aiops does what is asked now or not at all",
            "say the first step alone; its outcome is shown, and the next can follow",
        );
    }
    let chosen = act == Act::Delete && !(s.pairs.is_empty() && s.states.is_empty());
    let manifest = |file: &String| [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end));
    let of_files = act == Act::Apply && !s.files.is_empty() && !s.files.iter().any(manifest);
    if s.everything && !of_files || s.place == Some(Place::All) && act != Act::Undo && !chosen {
        return Decision::Refuse(
            "it would change everything at once, and aiops changes only objects that are named",
            "name the objects, or list them first",
        );
    }
    let token = act == Act::Create && s.says("token");
    if !s.foreign.is_empty() || s.docker || s.show && !s.says("dry-run") && !token {
        return Decision::Unknown;
    }
    // "not unschedulable: cordon n1": the verb and the state say two things.
    if s.acts.iter().any(|act| matches!(act, Act::Cordon | Act::Uncordon)) && s.states.iter().any(|(_, denied)| *denied) {
        return Decision::Unclear(act, vec!["not".into()]);
    }
    if changes.len() > 1 {
        return Decision::Unclear(act, changes[1..].iter().map(|a| verb(*a).to_string()).collect());
    }
    if s.or {
        return Decision::Unclear(act, vec!["or".into()]);
    }
    let left = left_over(s, act);
    if left.is_empty() { Decision::Do(act) } else { Decision::Unclear(act, left) }
}

/// The changes a step names: by verbs of their own, or by a weak verb and its topic.
/// "PDB zk, selector app=zk, max unavailable 1", "pod p, image busybox": an object with what only a new one is given is one to be made.
fn described(s: &Slots) -> bool {
    const GIVEN: &[(&str, &[&str])] = &[
        ("resourcequotas", &["hard"]),
        ("poddisruptionbudgets", &["min-available", "max-unavailable"]),
        ("cronjobs", &["schedule"]),
        ("priorityclasses", &["value"]),
        ("ingresses", &["rule"]),
    ];
    let named = s.objects.iter().filter(|o| !o.names.is_empty()).collect::<Vec<_>>();
    let [object] = named.as_slice() else { return false };
    let [kind] = object.kinds.as_slice() else { return false };
    let plural = kind.info().plural;
    // "deployment web image v2" may be one that is there and gets another image.
    let new = ["pods", "jobs"].contains(&plural) || plural == "deployments" && lines::says(s, "replicas");
    let runs = new && !object.before && s.image_said && s.image.is_some();
    let given = GIVEN.iter().any(|(of, roles)| *of == plural && roles.iter().any(|role| lines::says(s, role)));
    !object.plural && object.prep.is_none() && !s.not && !s.condition && !s.probe && (runs || given)
}

fn changing_acts(s: &Slots) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    let mut push = |act| {
        if !acts.contains(&act) {
            acts.push(act);
        }
    };
    // A pod or a workload that something happens in.
    let inside =
        s.objects.iter().any(|o| !o.names.is_empty() && o.prep.is_some() && o.kinds.iter().any(|k| k.is("pods", "") || k.rolls_out()));
    // "undo run 0199…": the noun.
    let undoes = s.acts.contains(&Act::Undo);
    for act in s.acts.iter().filter(|a| a.changes() && !(undoes && **a == Act::Run)) {
        // "remove the env label from …" takes a label away; "delete pods with label a=b" does not.
        let unlabels = *act == Act::Delete && s.labels && s.pairs.is_empty() || *act == Act::Delete && !s.minus.is_empty();
        // "remove the annotation note from web"
        let unannotates = *act == Act::Delete && s.says("annotation");
        // "get output from running the command date in pod web-1"
        let runs_there = *act == Act::Attach && s.says("command");
        // "run the command date in pod web-1": in one that is there.
        let runs_inside = *act == Act::Run && s.image.is_none() && s.says("command") && inside;
        push(match act {
            _ if unlabels => Act::Unlabel,
            _ if unannotates => Act::Annotate,
            Act::Delete if s.says("env") => Act::Set,
            Act::Run if s.image.is_none() && s.speaks_of("cronjobs", "batch") => Act::Trigger,
            _ if runs_inside || runs_there => Act::Exec,
            // "run 3 instances of nginx"
            Act::Run if s.instances => Act::Deploy,
            act => *act,
        });
    }
    if s.acts.is_empty() && s.alter.is_none() && s.says("command") && inside && !s.show && s.ask.is_none() {
        push(Act::Exec);
    }
    // "new deploy web with the image nginx"
    if s.acts.is_empty() && s.opens_new && !s.objects.is_empty() && s.ask.is_none() && !s.show {
        push(Act::Create);
    }
    if s.acts.is_empty() && s.alter.is_none() && s.ask.is_none() && !s.show && s.topics.is_empty() && described(s) {
        push(Act::Create);
    }
    // "give deployment web requests of 250m cpu"
    let resources = lines::chosen(s, Act::Set).is_some_and(|line| line.words == "set resources");
    if s.acts.is_empty() && s.want && resources && s.objects.iter().any(|o| !o.names.is_empty()) {
        push(Act::Set);
    }
    // "a token for service account ci": kept nowhere, so it is made.
    let account = |o: &super::slots::Object| !o.names.is_empty() && o.kinds.iter().any(|k| k.is("serviceaccounts", ""));
    if s.acts.is_empty() && s.alter.is_none() && s.ask.is_none() && s.says("token") && s.objects.iter().any(account) && !s.not {
        push(Act::Create);
    }
    // "need LOG_LEVEL=debug on deployment web": so written it is a variable.
    let variables = !s.pairs.is_empty() && s.pairs.iter().all(|pair| super::slots::looks_like_variable(pair)) && !s.labels;
    if s.acts.is_empty() && (s.want || s.alter.is_some()) && variables && s.objects.iter().any(|o| o.kinds.iter().any(|k| k.rolls_out())) {
        push(Act::Set);
    }
    // "give the pod web-1 a label a=b"
    if s.acts.is_empty() && s.want && s.labels && !s.pairs.is_empty() && s.objects.iter().any(|o| !o.names.is_empty()) {
        push(Act::Label);
    }
    // "the YAML for a new namespace without creating it"
    if s.acts.is_empty() && s.new && s.says("dry-run") && !s.objects.is_empty() {
        push(Act::Create);
    }
    let altered = s.alter.is_some();
    let sets = s.acts.is_empty() && altered && s.ask.is_none() && !s.show;
    if sets && let Some(line) = lines::chosen(s, Act::Set) {
        push(line.act);
        return acts;
    }
    let counted = matches!(s.amount, Some(Amount::To(_) | Amount::By(_) | Amount::Double | Amount::Half | Amount::Share(_)));
    let imaged = s.image.is_some() || s.tag.is_some() || s.image_said;
    if s.acts.is_empty() && altered && imaged
        || s.acts.is_empty() && altered && s.to_word.as_deref().is_some_and(super::slots::looks_like_tag)
    {
        push(Act::SetImage);
    } else if s.acts.is_empty() && (altered || s.want && counted) && s.replicas {
        push(Act::Scale);
    } else if s.acts.is_empty() && altered && s.labels || s.acts.is_empty() && s.overwrite && s.labels {
        push(Act::Label);
    } else if s.acts.is_empty() && (s.alter == Some(0) || s.new) && s.ask.is_none() && !s.show && s.objects.len() == 1 && a_namespace(s) {
        push(Act::Create);
    } else if s.acts.is_empty() && (altered || s.mark) && s.states.len() == 1 && s.ask.is_none() {
        match s.states[0] {
            (State::Unschedulable, false) => push(Act::Cordon),
            (State::Schedulable, false) => push(Act::Uncordon),
            // "mark n1 not unschedulable" says it twice over; which is meant is not guessed.
            (State::Unschedulable | State::Schedulable, true) => {}
            (State::Running | State::Pending | State::Failed | State::Succeeded, _) => {}
        }
    }
    acts
}

fn a_namespace(s: &Slots) -> bool {
    s.objects.iter().all(|o| o.kinds.len() == 1 && o.kinds[0].is("namespaces", "") && !o.names.is_empty() && !o.before)
}

fn read_act(s: &Slots) -> Option<Act> {
    let has = |act| s.topics.contains(&act);
    let spoken = !s.objects.is_empty() || s.it;
    if s.tail.is_some() && s.topics.is_empty() && s.acts.is_empty() && !s.objects.is_empty() {
        return Some(Act::Logs);
    }
    if let Some(act) = s.acts.iter().find(|act| matches!(act, Act::Explain | Act::Wait | Act::Forward | Act::Diff)) {
        return s.topics.is_empty().then_some(*act);
    }
    // "the details of revision 3"
    let of_a_revision = s.revision.is_some() && (s.topics == [Act::History] || s.topics.is_empty()) && !s.objects.is_empty();
    if of_a_revision && (s.show || s.ask.is_some() || s.acts == [Act::Describe]) {
        return Some(Act::History);
    }
    // "the details of web as yaml"
    if s.acts == [Act::Describe] && s.topics.is_empty() && matches!(s.output, Some(crate::ops::Output::Yaml | crate::ops::Output::Json)) {
        return Some(Act::Get);
    }
    if s.acts.contains(&Act::Describe) {
        return s.topics.is_empty().then_some(Act::Describe);
    }
    if s.ask == Some(Ask::Why) {
        return Some(Act::Investigate);
    }
    let asks_how = s.ask == Some(Ask::Be) && (s.direction != 0 || s.states.iter().any(|(state, _)| *state == State::Running) && spoken);
    let asks_how = asks_how || s.be && s.direction < 0 && spoken;
    // "are the pods with the label app=web up": those are looked at.
    let those = !s.trouble && !s.probe && s.health && !s.pairs.is_empty() && s.objects.iter().any(|o| !o.kinds.is_empty());
    let ill = !those && (s.trouble || s.health || s.probe || asks_how);
    if has(Act::Logs) {
        // "the errors in the logs of web": they are read there.
        let read = !ill || s.trouble && !s.health && !s.probe && s.ask.is_none();
        return (read && s.topics.iter().all(|t| *t == Act::Logs)).then_some(Act::Logs);
    }
    let mut topics: Vec<Act> = s.topics.clone();
    topics.dedup();
    // "the users in my kubeconfig"
    if topics == [Act::Line("config view")] && !s.says("raw") {
        match (s.says("user"), s.cluster) {
            (true, false) => topics = vec![Act::Line("config get-users")],
            (false, true) => topics = vec![Act::Line("config get-clusters")],
            (true, true) | (false, false) => {}
        }
    } else if topics.len() > 1 && topics.iter().all(|t| matches!(t, Act::Line(words) if words.starts_with("config "))) {
        topics.retain(|t| *t != Act::Line("config view"));
    }
    // "all resources with label a=b", "show everything in dev"
    if topics.is_empty()
        && s.everything
        && s.states.is_empty()
        && (!s.pairs.is_empty() || (s.show || s.place.is_some()) && s.objects.is_empty() && !s.says("api-group") && !s.says("verb"))
        && !ill
    {
        topics.push(Act::Line("get all"));
    }
    let of_kinds = s.says("namespaced") && s.resource || s.everything && (s.says("api-group") || s.says("verb"));
    if topics.is_empty() && of_kinds {
        topics.push(Act::Line("api-resources"));
    }
    match topics.as_slice() {
        [] => {}
        [Act::Status] if ill => return Some(Act::Investigate),
        [Act::History] | [Act::Events] if ill => return None,
        [Act::Status] => {
            let many = s.all || s.objects.iter().any(|o| o.plural || o.kinds.iter().any(|k| !k.rolls_out()));
            return Some(if many { Act::Get } else { Act::Status });
        }
        [Act::Line(words)] => return Some(Act::Line(words)),
        [one] if !ill => return Some(*one),
        [Act::Status, Act::History] | [Act::History, Act::Status] => return Some(Act::History),
        _ => return None,
    }
    let by_use = ["cpu", "memory"].iter().any(|by| s.values("sort-by").contains(by));
    if s.cpu || s.memory || by_use {
        return (!ill && (s.show || s.ask.is_some() || !s.objects.is_empty())).then_some(Act::Usage);
    }
    if ill {
        let subject = spoken || s.cluster || s.everything || s.place.is_some() || s.ask.is_some() || s.health || s.probe && s.trouble;
        return subject.then_some(Act::Investigate);
    }
    if !s.types.is_empty() {
        return Some(Act::Events);
    }
    // "is anything still pending in dev": pods are.
    let kinds = s.objects.iter().any(|o| !o.kinds.is_empty()) || s.everything && !s.states.is_empty();
    let looks = s.show || s.ask.is_some();
    // "labels of the pods"
    (kinds || looks && spoken || s.labels && spoken).then_some(Act::Get)
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fill, frames::FRAMES, normalise::normalise, tag},
        *,
    };

    fn decided(text: &str) -> Decision {
        decide(&fill::fill(&tag::tag(&normalise(text))))
    }

    #[test]
    fn every_act_has_one_frame() {
        for f in FRAMES {
            assert_eq!(FRAMES.iter().filter(|g| g.act == f.act).count(), 1, "{:?}", f.act);
        }
    }

    #[test]
    fn which_act_a_step_asks_for() {
        for (text, act) in [
            ("scale backend to 3", Act::Scale),
            ("give me 5 replicas of web", Act::Scale),
            ("set replicas for backend deployment to 5", Act::Scale),
            ("reduce backend replicas to 1", Act::Scale),
            ("bump web to v2", Act::SetImage),
            ("update backend image to todo-backend:v2", Act::SetImage),
            ("mark node foo as unschedulable", Act::Cordon),
            ("Mark my-node as schedulable", Act::Uncordon),
            ("which nodes are unschedulable", Act::Get),
            ("show backend logs", Act::Logs),
            ("is the backend rolled out", Act::Status),
            ("Show the history of deployment web", Act::History),
            ("why did web restart", Act::Investigate),
            ("is my cluster healthy", Act::Investigate),
            ("what is wrong in todo-chatbot", Act::Investigate),
            ("how many pods are in dev", Act::Get),
            ("show CPU and memory usage", Act::Usage),
            ("Update pod 'foo' with the label 'unhealthy' and the value 'true'", Act::Label),
            ("remove the label bar from pod foo", Act::Unlabel),
            ("help", Act::Help),
        ] {
            assert_eq!(decided(text), Decision::Do(act), "{text}");
        }
    }

    #[test]
    fn what_is_never_taken_for_a_change() {
        for text in [
            "how do I delete a pod",
            "show me how to scale web to 3",
            "what does kubectl delete do",
            "did you delete the pod",
            "is web scaled to 3",
        ] {
            assert_eq!(decided(text), Decision::Unknown, "{text}");
        }
        for text in [
            "don't restart web",
            "restart web if it fails",
            "delete everything",
            "scale everything to zero",
            "restart all deployments in all namespaces",
        ] {
            assert!(matches!(decided(text), Decision::Refuse(..)), "{text}: {:?}", decided(text));
        }
        for text in ["restart web or api", "scale web to 3 wholeheartedly", "restart web with helmish"] {
            assert!(matches!(decided(text), Decision::Unclear(..)), "{text}: {:?}", decided(text));
        }
    }
}
