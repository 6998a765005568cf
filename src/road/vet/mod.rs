//! Plan + facts + policy -> [`Vetted`], or why it stops here.
//!
//! Owns: the policy, the checks before anything is sent (may I, is it there), and the lowering of operations to calls: once.
//! Does not own: what would change (preview), who says yes (approve).
//! Invariants: pure; the strictest verdict wins; a check that could not be made never lowers a verdict; an operation that
//! only reads lowers to calls that do not mutate, or it does not leave this room.

mod access;
pub(in crate::road) mod checks;
mod policy;
mod verdict;

pub use policy::{Checked, Circumstances, Deed, EVERY_CHANGE, Explained, Layer, Policy, Whose, check, explain, object_rules};
pub use verdict::{ASKED_TO_LOOK, Reason, Verdict};

use super::{
    plan::{Assumed, Plan, Source},
    run::RunId,
};
use crate::{
    facts::{Facts, Need},
    ops::{Call, CannotDo, Draft, Impact, Kind, Lookup, Op, kustomization_of, reaches_out},
    problem::{Problem, Sort},
};
use jiff::Timestamp;
use serde_json::Value;

/// A plan that may go on: each operation with its calls, its impact and its verdict. Made only by [`vet`].
#[derive(Debug)]
pub struct Vetted {
    run: RunId,
    words: String,
    source: Source,
    assumed: Vec<Assumed>,
    steps: Vec<Step>,
    only_rehearsed: bool,
    at: Timestamp,
}

/// One operation of a run, lowered.
#[derive(Debug)]
pub(in crate::road) struct Step {
    pub(in crate::road) op: Op,
    pub(in crate::road) calls: Vec<Call>,
    pub(in crate::road) verdict: Verdict,
    pub(in crate::road) reasons: Vec<Reason>,
    pub(in crate::road) unchecked: Vec<String>,
    /// How many objects the whole run changes.
    pub(in crate::road) objects: Option<usize>,
    /// What was read for the checks.
    pub(in crate::road) read: Facts,
    /// Pods that its workloads would make, to be rehearsed and never sent.
    pub(in crate::road) probes: Vec<Call>,
}

impl Vetted {
    /// Whether it ends with its preview.
    pub(in crate::road) fn only_rehearsed(&self) -> bool {
        self.only_rehearsed
    }
    /// Which run.
    pub fn run(&self) -> &RunId {
        &self.run
    }
    /// The calls to rehearse, in order: those that mutate and can be rehearsed, and behind them one pod of each workload that would make some. The pods
    /// are only ever rehearsed.
    pub fn rehearsals(&self) -> Vec<Call> {
        let changes = self.steps.iter().flat_map(|s| &s.calls).filter(|c| c.rehearses());
        changes.chain(self.steps.iter().flat_map(|s| &s.probes)).cloned().collect()
    }
    /// The strictest verdict.
    pub fn verdict(&self) -> Verdict {
        self.steps.iter().map(|s| s.verdict).max().unwrap_or(Verdict::Allow)
    }
    /// When it was vetted.
    pub(in crate::road) fn at(&self) -> Timestamp {
        self.at
    }
    pub(in crate::road) fn into_parts(self) -> (RunId, String, Source, Vec<Assumed>, Vec<Step>) {
        (self.run, self.words, self.source, self.assumed, self.steps)
    }
}

/// How many pods are rehearsed for one run.
const MOST_PROBES: usize = 20;

/// What still has to be known before this plan can be vetted. Ask again with the answers, until it is empty.
pub fn needs(plan: &Plan, facts: &Facts, policy: &Policy, now: Timestamp) -> Vec<Need> {
    let mut needs = Vec::new();
    for op in plan.ops() {
        // Nor does a program learn of it: that is refused when it is vetted.
        if op.entry().personal && !persons(plan.source()) {
            continue;
        }
        // What only a person may have read is not gone to for anybody else: that is refused when it is vetted.
        let may = |file: &String| !reaches_out(file) || persons(plan.source());
        let unread = op.verb().files().into_iter().filter(may).filter(|f| facts.file(f).is_none());
        let mut files: Vec<Need> = unread.map(Need::File).collect();
        files.extend(op.verb().contents().into_iter().filter(|f| facts.contents(f).is_none()).map(Need::Contents));
        if !files.is_empty() {
            needs.extend(files);
            continue;
        }
        let unknown_kind =
            |file: &String| facts.file(file).and_then(Lookup::known).is_some_and(|all| all.values.iter().any(is_of_unknown_kind));
        if facts.kinds().is_none() && op.verb().files().iter().any(unknown_kind) {
            needs.push(Need::Kinds);
            continue;
        }
        let Ok(op) = loaded(op, facts) else { continue };
        let ops = match expanded(op, facts) {
            Expanded::Wanting(calls) => {
                needs.extend(calls.into_iter().map(Need::Look));
                continue;
            }
            Expanded::Into(ops) => ops,
            // Said when it is vetted.
            Expanded::Cannot(_) => continue,
        };
        for op in ops {
            let op = match drafted(op, facts) {
                Drafted::Into(op) => op,
                // What is refused whatever becomes of it is not edited first.
                Drafted::Wanting(op, draft) => {
                    let blind = Deed { op: &op, source: plan.source(), calls: &[], objects: None, now };
                    if persons(plan.source()) && policy.judge(&blind).0 < Verdict::Forbid {
                        needs.push(Need::Edit(Box::new(draft)));
                    }
                    continue;
                }
                Drafted::Cannot(_) => continue,
            };
            match looks(&op, facts) {
                Looks::Wanting(calls) => needs.extend(calls.into_iter().map(Need::Look)),
                // What a chart renders to may be of kinds that only the cluster knows.
                Looks::Done(seen) if facts.kinds().is_none() && seen.iter().filter_map(Lookup::known).any(renders_unknown_kinds) => {
                    needs.push(Need::Kinds);
                }
                Looks::Done(seen) => {
                    if op.verb().impact() > Impact::Reads
                        && let Ok(calls) = op.verb().calls(&seen, now)
                    {
                        let wanted = access::needs(&calls, facts).into_iter().chain(checks::needs(&calls, facts));
                        let new: Vec<Need> = wanted.filter(|need| !needs.contains(need)).collect();
                        needs.extend(new);
                    }
                }
            }
        }
    }
    needs
}

/// Whether a release, or what a chart renders to, holds objects of kinds that are not known here yet.
fn renders_unknown_kinds(release: &Value) -> bool {
    release["objects"].as_array().is_some_and(|objects| objects.iter().any(is_of_unknown_kind))
}

/// Whether a document names a kind that is not known here yet.
fn is_of_unknown_kind(document: &Value) -> bool {
    match (document["apiVersion"].as_str(), document["kind"].as_str()) {
        (Some(_), Some(kind)) if kind.ends_with("List") && document["items"].is_array() => {
            document["items"].as_array().is_some_and(|items| items.iter().any(is_of_unknown_kind))
        }
        (Some(version), Some(kind)) => Kind::of_object(version, kind).is_none(),
        (_, _) => false,
    }
}

/// Decides whether the plan may go on.
///
/// # Errors
/// [`Problem`] with sort `Refused` where policy or the server's own authorizer forbids it, `Failed` where an object is missing
/// or the operation does not fit it.
pub fn vet(run: RunId, plan: Plan, facts: &Facts, policy: &Policy, now: Timestamp) -> Result<Vetted, Problem> {
    let only_rehearsed = plan.only_rehearsed();
    let (words, source, ops, assumed) = plan.into_parts();
    let mut meant = Vec::with_capacity(ops.len());
    for op in ops {
        if let Some(file) = op.verb().files().into_iter().find(|file| reaches_out(file) && !persons(&source)) {
            let what = match (file.as_str(), kustomization_of(&file)) {
                ("-", _) => format!("what is piped in read: {file}"),
                (_, Some(folder)) => format!("a kustomization built: {folder}"),
                (_, None) => format!("what lies at an address read: {file}"),
            };
            return Err(Problem::new(Sort::Refused, format!("{}: only a person may have {what}", op.verb().title())));
        }
        persons_own(&op, &source)?;
        match expanded(loaded(&op, facts)?, facts) {
            Expanded::Into(ops) => meant.extend(ops),
            Expanded::Wanting(calls) => return Err(unseen(&calls)),
            Expanded::Cannot(why) => return Err(cannot(why)),
        }
    }
    let mut lowered = Vec::with_capacity(meant.len());
    for op in meant {
        // What is forbidden whatever the cluster holds is said first.
        let blind = Deed { op: &op, source: &source, calls: &[], objects: None, now };
        let (verdict, reasons) = policy.judge(&blind);
        if verdict == Verdict::Forbid {
            return Err(forbidden(&op, &reasons));
        }
        persons_own(&op, &source)?;
        let op = match drafted(op, facts) {
            Drafted::Into(op) => op,
            Drafted::Wanting(op, _) => return Err(Problem::failed(format!("{}: nobody has edited it", op.verb().title()))),
            Drafted::Cannot(why) => return Err(cannot(why)),
        };
        let seen = match looks(&op, facts) {
            Looks::Done(seen) => seen,
            Looks::Wanting(calls) => return Err(unseen(&calls)),
        };
        let calls = op.verb().calls(&seen, now).map_err(cannot)?;
        if op.verb().impact() == Impact::Reads && calls.iter().any(Call::mutates) {
            return Err(Problem::new(Sort::Refused, format!("{} calls itself a read and would change something", op.verb().title())));
        }
        lowered.push((op, calls));
    }
    let objects = Some(lowered.iter().flat_map(|(_, calls)| calls).filter(|call| call.mutates()).count());
    for (op, calls) in &lowered {
        let (verdict, reasons) = policy.judge(&Deed { op, source: &source, calls, objects, now });
        if verdict == Verdict::Forbid {
            return Err(forbidden(op, &reasons));
        }
    }
    access::check(&lowered, facts)?;
    let mut steps = Vec::with_capacity(lowered.len());
    for (op, calls) in lowered {
        let (verdict, mut reasons) = policy.judge(&Deed { op: &op, source: &source, calls: &calls, objects, now });
        if matches!(source, Source::Model { asked_to_look: true }) && op.verb().impact() > Impact::Reads {
            reasons.insert(0, Reason::own(ASKED_TO_LOOK, Verdict::Confirm, "you asked to look, and the model proposes a change"));
        }
        let mut unchecked = access::unchecked(&op, &calls, facts);
        let (read, mut probes) = if op.verb().impact() > Impact::Reads {
            let read = checks::read_for(&calls, facts);
            let probes: Vec<Call> = calls.iter().filter_map(|call| checks::probe(call, &read)).collect();
            (read, probes)
        } else {
            // `kubectl diff` has calls that would make pods, and sends none of them.
            (Facts::default(), Vec::new())
        };
        let tried: usize = steps.iter().map(|step: &Step| step.probes.len()).sum();
        if tried + probes.len() > MOST_PROBES {
            unchecked.push(format!("whether all its pods would be admitted: no more than {MOST_PROBES} are tried at once"));
            probes.truncate(MOST_PROBES.saturating_sub(tried));
        }
        let verdict = reasons.iter().map(|r| r.verdict).max().unwrap_or(verdict).max(verdict);
        steps.push(Step { op, calls, verdict, reasons, unchecked, objects, read, probes });
    }
    Ok(Vetted { run, words, source, assumed, steps, only_rehearsed, at: now })
}

/// Refuses what only a person may ask for, where nobody did.
fn persons_own(op: &Op, source: &Source) -> Result<(), Problem> {
    let chosen = matches!(source, Source::Model { .. } | Source::Playbook { .. } | Source::Diagnosis { .. });
    if chosen && (op.entry().personal || op.verb().interactive()) {
        let sentence = format!("{}: only a person can ask for that", op.verb().title());
        return Err(Problem::new(Sort::Refused, sentence).hint(format!("to do it yourself: {}", op.line())));
    }
    Ok(())
}

/// Whether a person said it themselves.
fn persons(source: &Source) -> bool {
    match source {
        Source::Words | Source::Line => true,
        Source::Model { .. } | Source::Playbook { .. } | Source::Diagnosis { .. } | Source::Undo { .. } => false,
    }
}

/// The refusal of what a policy forbids; it names the rule.
pub(in crate::road) fn forbidden(op: &Op, reasons: &[Reason]) -> Problem {
    let why = reasons.iter().find(|r| r.verdict == Verdict::Forbid).map(Reason::said).unwrap_or_default();
    let hint = format!("aiops config policy explain \"{}\" tells more", op.line());
    Problem::new(Sort::Refused, format!("{} is not allowed here: {why}", op.verb().title())).hint(hint)
}

/// What an operation stands for, as far as the facts carry.
enum Expanded {
    Wanting(Vec<Call>),
    Into(Vec<Op>),
    Cannot(CannotDo),
}

fn expanded(op: Op, facts: &Facts) -> Expanded {
    match looks(&op, facts) {
        // Only what stands for others is looked at for that; the rest has its own turn.
        Looks::Wanting(calls) => Expanded::Wanting(calls),
        Looks::Done(seen) => match op.verb().expand(&seen) {
            Ok(Some(ops)) => Expanded::Into(ops),
            Ok(None) => Expanded::Into(vec![op]),
            Err(why) => Expanded::Cannot(why),
        },
    }
}

/// An operation, or what a person made of it in their editor.
enum Drafted {
    Wanting(Op, Draft),
    Into(Op),
    Cannot(CannotDo),
}

fn drafted(op: Op, facts: &Facts) -> Drafted {
    let Looks::Done(seen) = looks(&op, facts) else { return Drafted::Into(op) };
    match op.verb().draft(&seen) {
        Ok(None) => Drafted::Into(op),
        Ok(Some(draft)) => match facts.edited(&draft) {
            Some(meant) => Drafted::Into(meant.clone()),
            None => Drafted::Wanting(op, draft),
        },
        Err(why) => Drafted::Cannot(why),
    }
}

fn unseen(calls: &[Call]) -> Problem {
    Problem::failed(format!("{} could not be looked at", calls.iter().map(Call::said).collect::<Vec<_>>().join(", ")))
}

enum Looks {
    Done(Vec<Lookup<Value>>),
    Wanting(Vec<Call>),
}

/// Goes through an operation's looks as far as the facts carry.
fn looks(op: &Op, facts: &Facts) -> Looks {
    let mut seen: Vec<Lookup<Value>> = Vec::new();
    for _ in 0..4 {
        let next = op.verb().looks(&seen);
        if next.is_empty() {
            break;
        }
        let wanting: Vec<Call> = next.iter().filter(|c| !facts.looked(c)).cloned().collect();
        if !wanting.is_empty() {
            return Looks::Wanting(wanting);
        }
        seen.extend(next.iter().map(|c| facts.look(c)));
    }
    Looks::Done(seen)
}

/// The operation with its files' contents in it.
fn loaded(op: &Op, facts: &Facts) -> Result<Op, Problem> {
    let mut op = op.clone();
    for file in op.verb().files() {
        let documents = from_disk(&file, facts.file(&file))?.clone();
        op.verb_mut().load(&file, documents);
    }
    for file in op.verb().contents() {
        let contents = from_disk(&file, facts.contents(&file))?.clone();
        op.verb_mut().take(&file, contents);
    }
    Ok(op)
}

fn from_disk<'a, T>(file: &str, answer: Option<&'a Lookup<T>>) -> Result<&'a T, Problem> {
    match answer {
        Some(Lookup::Known(known)) => Ok(known),
        Some(Lookup::Missing) => {
            Err(Problem::failed(format!("there is no file {file:?}")).hint("give the path as seen from where aiops was started"))
        }
        Some(Lookup::NotChecked(why)) => Err(Problem::failed(match kustomization_of(file) {
            Some(folder) => format!("the kustomization {folder} could not be built: {why}"),
            None => format!("{file} could not be read: {why}"),
        })),
        None => Err(Problem::failed(format!("{file} has not been read"))),
    }
}

pub(in crate::road) fn cannot(e: CannotDo) -> Problem {
    Problem::failed(e.sentence).hint(e.hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ops::Namespace, road::plan::Scope};

    #[test]
    fn nothing_is_fetched_for_a_model_or_a_playbook() {
        let scope = Scope { namespace: Namespace::new("dev").unwrap(), last: None, everywhere: false, cluster: false };
        for (flag, file) in [("-f -", "-"), ("-f https://example.com/x.yaml", "https://example.com/x.yaml"), ("-k dir", "kustomize://dir")]
        {
            for (source, may) in
                [(Source::Line, true), (Source::Model { asked_to_look: false }, false), (Source::Playbook { name: "p".into() }, false)]
            {
                let op = Op::from_line(&format!("kubectl apply {flag}")).unwrap();
                let plan = Plan::new("apply it", source.clone(), vec![op], Vec::new(), &scope).unwrap();
                let needs = needs(&plan, &Facts::default(), &Policy::built_in(false), Timestamp::UNIX_EPOCH);
                assert_eq!(needs, if may { vec![Need::File(file.into())] } else { Vec::new() }, "{source:?}");
                let refused = vet(RunId::new("r"), plan, &Facts::default(), &Policy::built_in(false), Timestamp::UNIX_EPOCH).unwrap_err();
                assert_eq!(refused.sort == Sort::Refused, !may, "{refused:?}");
            }
        }
    }

    #[test]
    fn no_program_learns_of_a_chart_that_a_model_or_a_playbook_chose() {
        let scope = Scope { namespace: Namespace::new("dev").unwrap(), last: None, everywhere: false, cluster: false };
        for line in ["helm install a ./x", "helm upgrade a oci://example.com/x --install", "helm template ./x", "helm lint ./x"] {
            for source in [Source::Model { asked_to_look: false }, Source::Playbook { name: "p".into() }] {
                let plan = Plan::new("do it", source, vec![Op::from_line(line).unwrap()], Vec::new(), &scope).unwrap();
                assert_eq!(needs(&plan, &Facts::default(), &Policy::built_in(false), Timestamp::UNIX_EPOCH), [], "{line}");
                let refused = vet(RunId::new("r"), plan, &Facts::default(), &Policy::built_in(false), Timestamp::UNIX_EPOCH).unwrap_err();
                assert_eq!(refused.sort, Sort::Refused, "{line}: {refused:?}");
            }
        }
    }
}
