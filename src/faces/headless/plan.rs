//! `aiops plan`: words to operations; nothing is touched.

use super::Paint;
use crate::{
    faces::{
        args::Form,
        say::{self, Line, Role},
    },
    facts::Facts,
    ops::{Namespace, Op},
    problem::{Problem, Sort},
    road::{
        plan::{self, Aside, Reading, Scope, Source, batch, from_words::explain as explained},
        vet::{Policy, Reason, Verdict},
    },
};
use jiff::Timestamp;
use std::io::{BufRead, Write};

/// One line of a batch is read up to this many bytes.
const LONGEST_LINE: u64 = 4 << 20;

/// Plans one request and prints it: each operation's kubectl line and the caution it needs; with `explain`, what each word was
/// taken for.
///
/// # Errors
/// None of its own; what is not understood is an exit code.
pub fn plan<W: Write>(
    text: &str,
    scope: &Scope,
    policy: &Policy,
    now: Timestamp,
    (form, explain): (Form, bool),
    out: &mut Paint<W>,
) -> Result<u8, Problem> {
    let read = match plan::read(text, scope, &Facts::default()) {
        Reading::Unknown => plan::vaguely(&plan::from_words::Thread::whole(text, scope), scope, &Facts::default()),
        read => read,
    };
    if form == Form::Json {
        let line = serde_json::json!({"id": null, "text": text}).to_string();
        let answer = batch::answer(&line, &scope.namespace, &|op| judged(policy, op, now).0.word());
        let code = match read {
            Reading::Plan(_) | Reading::Aside(_) => 0,
            Reading::Refused(_) => Sort::Refused.exit_code(),
            Reading::Question(_) | Reading::Unknown | Reading::Needs(_) => Sort::Question.exit_code(),
        };
        out.raw(&format!("{answer}\n"));
        return Ok(code);
    }
    if explain {
        for (word, meaning) in explained(text) {
            out.lines(&[Line::of(format!("  {word:<24}"), Role::Accent).and(meaning, Role::Plain)]);
        }
    }
    match read {
        Reading::Plan(plan) => {
            for op in plan.ops() {
                let (verdict, reasons) = judged(policy, op, now);
                let why = reasons.first().map_or_else(String::new, |r| format!(": {}", r.said()));
                let role = if verdict == Verdict::Allow { Role::Dim } else { Role::Warn };
                out.lines(&[Line::of(op.line(), Role::Strong), Line::of(format!("  {}{why}", verdict.word()), role)]);
            }
            Ok(0)
        }
        Reading::Question(question) => {
            out.lines(&say::question(&question, 100));
            Ok(Sort::Question.exit_code())
        }
        Reading::Refused(refusal) => {
            out.lines(&say::refusal(&refusal, 100));
            Ok(Sort::Refused.exit_code())
        }
        Reading::Aside(aside) => {
            let what = match aside {
                Aside::Undo(None) => "undo the last run that changed something".to_string(),
                Aside::Undo(Some(run)) => format!("undo run {run}"),
                Aside::Investigate { subject: Some(subject), .. } => format!("find out what is wrong with {subject}"),
                Aside::Investigate { subject: None, namespace: Some(ns) } => format!("find out what is wrong in namespace {ns}"),
                Aside::Investigate { subject: None, namespace: None } => "find out what is wrong in the cluster".to_string(),
                Aside::Audit { topic, namespace: None } => topic.told().to_string(),
                Aside::Audit { topic, namespace: Some(ns) } => format!("{} in namespace {ns}", topic.told()),
                Aside::Account { asks, of, namespace: None } => asks.told(of.as_deref()),
                Aside::Account { asks, of, namespace: Some(ns) } => format!("{} in namespace {ns}", asks.told(of.as_deref())),
                Aside::Here(namespace) => format!("take namespace {namespace} from here on"),
                Aside::Drop => "leave the question; nothing is done".to_string(),
                Aside::Help => "say what can be said here".to_string(),
                Aside::Told(text) => text,
            };
            out.lines(&[Line::plain(what)]);
            Ok(0)
        }
        Reading::Unknown | Reading::Needs(_) => {
            out.lines(&[Line::of("? not understood", Role::Warn)]);
            Ok(Sort::Question.exit_code())
        }
    }
}

/// JSON lines in, JSON lines out, in the order of the input. A line that cannot be read is answered like any other.
///
/// # Errors
/// [`Problem`] where a line cannot be read or a result cannot be written.
pub fn plan_batch(
    here: &Namespace,
    policy: &Policy,
    now: Timestamp,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> Result<u8, Problem> {
    use std::io::Read as _;
    let mut output = std::io::BufWriter::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.take(LONGEST_LINE).read_until(b'\n', &mut line);
        match read.map_err(|e| Problem::failed(format!("standard input cannot be read: {e}")))? {
            0 => break,
            n if n as u64 == LONGEST_LINE && line.last() != Some(&b'\n') => {
                return Err(Problem::new(Sort::Usage, "a line of more than 4 MiB came in"));
            }
            _ => {}
        }
        let text = String::from_utf8_lossy(&line);
        if text.trim().is_empty() {
            continue;
        }
        let answer = batch::answer(text.trim_end(), here, &|op| judged(policy, op, now).0.word());
        match writeln!(output, "{answer}") {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(0),
            Err(e) => return Err(Problem::failed(format!("the results cannot be written: {e}"))),
        }
    }
    match output.flush() {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Problem::failed(format!("the results cannot be written: {e}"))),
        Ok(()) | Err(_) => Ok(0),
    }
}

/// What the policy asks for before anything of the cluster is known.
fn judged(policy: &Policy, op: &Op, now: Timestamp) -> (Verdict, Vec<Reason>) {
    policy.judge_unseen(op, &Source::Line, now)
}
