//! A kubectl or helm line typed by hand, read as the operation it is. No shell: what needs one is refused in words.

use super::{Aside, Assumed, Plan, Reading, Refusal, Scope, Source};
use crate::{
    facts::{Facts, Need},
    ops::{CATALOGUE, Lookup, Misuse, Namespace, Op, Program, argv},
};

/// Reads a line that begins with a program's word (`kubectl`, `k`, `helm`, `aiops` where a verb of ours follows), or a line of kubectl's verbs that carries a flag or a `kind/name` and is legal
/// as a whole. `None` where the text is no such line. A kind that is not built in is asked for once.
pub fn read(text: &str, scope: &Scope, facts: &Facts) -> Option<Reading> {
    let line = text.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line).trim_start();
    let first = line.split_whitespace().next()?;
    // Our own name also stands before words, and its verbs are words too: a flag makes it a line.
    let own = |verb: &str| {
        CATALOGUE.iter().any(|e| e.program == Program::Aiops && e.verb.first().is_some_and(|word| word.eq_ignore_ascii_case(verb)))
    };
    let named = match Program::named(first) {
        Some(Program::Aiops) => line.split_whitespace().nth(1).is_some_and(own) && (line.contains(" --") || Op::from_line(line).is_ok()),
        other => other.is_some(),
    };
    if named {
        line.split_whitespace().nth(1)?;
        return Some(whole(text, line, scope, facts));
    }
    // Most texts are words: the first tells it, where it is written as it is read.
    let lines = |verb: &str| CATALOGUE.iter().any(|e| e.program == Program::Kubectl && e.verb.first() == Some(&verb));
    if first.bytes().all(|b| b.is_ascii_alphanumeric()) && !lines(&first.to_ascii_lowercase()) {
        return None;
    }
    let words = argv::split(line).ok()?;
    let verb = words.first()?.to_ascii_lowercase();
    let marked = words
        .iter()
        .skip(1)
        .any(|w| w.starts_with('-') && w.len() > 1 || w.split_once('/').is_some_and(|(kind, _)| crate::ops::Kind::find(kind).is_some()));
    if !marked || !lines(&verb) {
        return None;
    }
    // Words of English between the flags make it no line: "get the logs of pod/web", "label pod a with b=c -n dev".
    let own = words.iter().position(|w| w == "--").unwrap_or(words.len());
    if words[..own].windows(2).any(|pair| ENGLISH.contains(&pair[1].as_str()) && !pair[0].starts_with('-')) {
        return None;
    }
    // "port-forward service web 8080:80": to kubectl a pod of the name `service`, to a person a Service.
    if verb == "port-forward" && words.get(1).is_some_and(|word| crate::ops::Kind::find(word).is_some()) {
        return None;
    }
    let op = match Op::from_words(Program::Kubectl, &words) {
        Ok(op) => op,
        Err(Misuse::UnknownKind(word)) => return wants_kinds(&word, scope, facts),
        Err(_) if dry_run(line).is_some() => return Some(whole(text, &format!("kubectl {line}"), scope, facts)),
        Err(_) => return None,
    };
    plan(text, vec![op], Vec::new(), scope)
}

/// Small words that no line has where a name or a kind may stand.
const ENGLISH: &[&str] = &["with", "the", "to", "from", "in", "of", "and", "for", "as", "on", "by", "into", "please", "my", "its", "all"];

/// The namespace of `kubectl config set-context --current --namespace=dev`: taken for the session, and written nowhere.
fn current_namespace(line: &str) -> Option<Namespace> {
    let words = argv::split(line).ok()?;
    let rest: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let ["config", "set-context", flags @ ..] = rest.as_slice() else { return None };
    match flags.iter().copied().filter(|flag| *flag != "--current").collect::<Vec<_>>().as_slice() {
        _ if !flags.contains(&"--current") => None,
        ["--namespace" | "-n", name] => name.parse().ok(),
        [joined] => joined.strip_prefix("--namespace=").or_else(|| joined.strip_prefix("-n="))?.parse().ok(),
        _ => None,
    }
}

/// The line without its `--dry-run`, and whether that one forbids the change; `None` where it has none.
///
/// Source: kubectl's `--dry-run=none|server|client`. The server rehearses either way: what a client alone can tell is less.
fn dry_run(line: &str) -> Option<(String, bool)> {
    let words = argv::split(line).ok()?;
    let own = words.iter().position(|w| w == "--").unwrap_or(words.len());
    let at = words[..own].iter().position(|w| w == "--dry-run" || w.starts_with("--dry-run="))?;
    let only_rehearsed = match words[at].strip_prefix("--dry-run").and_then(|w| w.strip_prefix('=')) {
        Some("none" | "false") => false,
        None | Some("server" | "client" | "true" | "unchanged") => true,
        Some(_) => return None,
    };
    let rest = words.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, word)| argv::quoted(word)).collect::<Vec<_>>();
    Some((rest.join(" "), only_rehearsed))
}

/// The question that an unknown kind raises; `None` where it was asked, or there is nobody to ask.
fn wants_kinds(word: &str, scope: &Scope, facts: &Facts) -> Option<Reading> {
    let could_be = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
    (scope.cluster && facts.kinds().is_none() && could_be).then(|| Reading::Needs(vec![Need::Kinds]))
}

fn whole(text: &str, line: &str, scope: &Scope, facts: &Facts) -> Reading {
    if let Some(namespace) = current_namespace(line) {
        return Reading::Aside(Aside::Here(namespace));
    }
    match Op::from_line(line) {
        Err(_) if dry_run(line).is_some() => {
            let (rest, only_rehearsed) = dry_run(line).unwrap_or_default();
            match whole(text, &rest, scope, facts) {
                Reading::Plan(plan) if only_rehearsed => Reading::Plan(plan.rehearsed()),
                other => other,
            }
        }
        Ok(op) => plan(text, vec![op], Vec::new(), scope).unwrap_or(Reading::Unknown),
        Err(Misuse::UnknownVerb(_)) => Reading::Unknown,
        Err(Misuse::UnknownKind(word)) => {
            let asked = shouted(text, line, scope).or_else(|| wants_kinds(&word, scope, facts));
            asked.unwrap_or_else(|| no_kind(&word, facts))
        }
        Err(e) => shouted(text, line, scope).unwrap_or_else(|| refused(&e)),
    }
}

/// A line all in capitals: names are in lower case, so they are lowered, and the plan says so.
fn shouted(text: &str, line: &str, scope: &Scope) -> Option<Reading> {
    if line.chars().any(char::is_lowercase) {
        return None;
    }
    let op = Op::from_line(&line.to_lowercase()).ok()?;
    let taken = op.verb().targets().iter().map(|t| t.slashed()).collect::<Vec<_>>().join(", ");
    let assumed = Assumed { said: line.chars().take(120).collect(), taken, why: "names are in lower case".into() };
    plan(text, vec![op], vec![assumed], scope)
}

fn plan(text: &str, ops: Vec<Op>, assumed: Vec<Assumed>, scope: &Scope) -> Option<Reading> {
    Plan::new(text, Source::Line, ops, assumed, scope).map(Reading::Plan)
}

fn no_kind(word: &str, facts: &Facts) -> Reading {
    let reason = match facts.kinds() {
        Some(Lookup::NotChecked(why)) => {
            format!("{word:?} is no built-in kind, and what else the cluster serves could not be asked: {why}")
        }
        Some(Lookup::Known(()) | Lookup::Missing) | None => Misuse::UnknownKind(word.to_string()).to_string(),
    };
    Reading::Refused(Refusal { reason, instead: "kubectl api-resources lists what the cluster has".into() })
}

fn refused(e: &Misuse) -> Reading {
    let instead = match e {
        Misuse::Shell(_) | Misuse::OpenQuote => "say each step as a request of its own",
        Misuse::Outward(_) => "start aiops with that flag",
        Misuse::UnknownKind(_) => "kubectl api-resources lists what the cluster has",
        Misuse::UnknownVerb(_) | Misuse::UnknownFlag { .. } | Misuse::NeedsValue(_) | Misuse::Says(_) => "",
    };
    Reading::Refused(Refusal { reason: e.to_string(), instead: instead.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Namespace;

    fn scope() -> Scope {
        Scope { namespace: Namespace::new("default").unwrap(), last: None, everywhere: false, cluster: false }
    }
    fn lines(text: &str) -> Option<Vec<String>> {
        match read(text, &scope(), &Facts::default())? {
            Reading::Plan(plan) => Some(plan.ops().iter().map(Op::line).collect()),
            other => Some(vec![format!("{other:?}")]),
        }
    }

    #[test]
    fn lines_are_read_as_what_they_are() {
        for (text, want) in [
            ("kubectl get pods -n dev", "kubectl get pods -n dev"),
            ("$ kubectl get pods -n dev", "kubectl get pods -n dev"),
            ("k delete pod web-1 -n dev", "kubectl delete pod/web-1 -n dev"),
            ("KUBECTL GET PODS -n dev", "kubectl get pods -n dev"),
            ("get pods -n dev", "kubectl get pods -n dev"),
            ("scale deployment/x --replicas=3", "kubectl scale deployment/x --replicas=3 -n default"),
            ("KUBECTL DELETE NAMESPACE PROD", "kubectl delete namespace/prod"),
        ] {
            assert_eq!(lines(text), Some(vec![want.to_string()]), "{text}");
        }
    }

    #[test]
    fn a_dry_run_ends_with_the_preview() {
        for (text, rehearsed) in [
            ("kubectl scale deployment/x --replicas=3 --dry-run=server", true),
            ("kubectl delete pod a --dry-run=client -n dev", true),
            ("kubectl create namespace dev --dry-run=server", true),
            ("scale deployment/x --replicas=3 --dry-run", true),
            ("kubectl cordon n1 --dry-run=none", false),
            ("kubectl exec pod/a -- date --dry-run", false),
        ] {
            let Some(Reading::Plan(plan)) = read(text, &scope(), &Facts::default()) else { panic!("{text}") };
            assert_eq!(plan.only_rehearsed(), rehearsed, "{text}");
        }
        let bad = read("kubectl cordon n1 --dry-run=perhaps", &scope(), &Facts::default());
        assert!(matches!(bad, Some(Reading::Refused(_))));
    }

    #[test]
    fn the_namespace_of_the_session_can_be_set() {
        for text in ["kubectl config set-context --current --namespace=dev", "kubectl config set-context --namespace dev --current"] {
            let Some(Reading::Aside(Aside::Here(namespace))) = read(text, &scope(), &Facts::default()) else { panic!("{text}") };
            assert_eq!(namespace.as_str(), "dev");
        }
        for text in ["kubectl config set-context other --namespace=dev", "kubectl config set-context --current --namespace=dev --user=x"] {
            assert!(matches!(read(text, &scope(), &Facts::default()), Some(Reading::Refused(_))), "{text}");
        }
    }

    #[test]
    fn capitals_are_lowered_only_with_a_word_about_it() {
        let Some(Reading::Plan(plan)) = read("KUBECTL DELETE NAMESPACE PROD", &scope(), &Facts::default()) else { panic!() };
        assert_eq!(plan.assumed().len(), 1);
        assert!(matches!(read("kubectl delete namespace PROD", &scope(), &Facts::default()), Some(Reading::Refused(_))));
    }

    #[test]
    fn a_shell_is_refused_and_an_unknown_verb_left_to_others() {
        for text in [
            "kubectl get pods | xargs kubectl delete",
            "kubectl get pods && rm -rf /",
            "kubectl get pods; ls",
            "kubectl delete pod $(id)",
            "kubectl get pods --as root",
            "kubectl get pods\nkubectl delete ns prod",
        ] {
            assert!(matches!(read(text, &scope(), &Facts::default()), Some(Reading::Refused(_))), "{text}");
        }
        assert!(matches!(read("kubectl conquer node-1", &scope(), &Facts::default()), Some(Reading::Unknown)));
        assert!(read("echo \"example: kubectl delete namespace prod\"", &scope(), &Facts::default()).is_none());
        assert!(read("kubectl", &scope(), &Facts::default()).is_none());
        assert!(read("scale backend to 3", &scope(), &Facts::default()).is_none());
        assert!(read("get the logs of pod/web please", &scope(), &Facts::default()).is_none_or(|r| !matches!(r, Reading::Plan(_))));
    }
}
