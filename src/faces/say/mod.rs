//! Values into words: the same sentences for every face, as lines of roles that a face colours in its own way.
//!
//! Owns: wording and alignment. Does not own: colours (each face's theme), scrolling, questions' keys.
//! Invariants: no line holds a control character, whatever the cluster sent; state is said by glyph and word, never by role alone.

mod answer;
mod audit;
mod card;
mod depends;
mod diagnosis;
mod dump;
mod flow;
mod line;
mod objects;
mod outcome;
mod report;
mod timeline;
mod trouble;
mod value;
mod words;
mod wrap;

pub use answer::{answer, answer_to, table};
pub use audit::{Detail, audit, audit_markdown};
pub use card::{basis, card, title};
pub use depends::{dependencies, dependencies_markdown};
pub use diagnosis::{diagnosis, finding, markdown, mended, proposes, rule};
pub use dump::dump;
pub use flow::Flow;
pub use line::{Line, Role, Span, clean, escaped};
pub use outcome::{outcome, outcome_to, progress};
pub use report::report;
pub use timeline::{timeline, timeline_markdown};
pub use trouble::{help, problem, question, refusal};
pub use wrap::{broken, wrapped};

use crate::{
    road::approve::Lacking,
    session::{Recounted, Tell},
};
use wrap::fitted;

/// Where one stands; shown with every question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// kubeconfig context.
    pub context: String,
}

/// Hands all lines of one thing to tell to `sink`, in parts where they are many.
pub fn tell_to(told: &Tell, here: &Here, width: usize, sink: &mut dyn FnMut(Vec<Line>)) {
    match told {
        Tell::Outcome(came) => outcome_to(came, width, sink),
        other => sink(tell(other, here, width)),
    }
}

/// All lines of one thing to tell.
pub fn tell(tell: &Tell, here: &Here, width: usize) -> Vec<Line> {
    match tell {
        Tell::Question(_, asked) => question(asked, width),
        Tell::Refused(_, refused) => refusal(refused, width),
        Tell::NotUnderstood(_) => {
            let mut lines = wrapped("that is not understood without a model", Role::Warn, width, "? ", 2);
            lines.push(Line::plain("  what can be said here, for example:"));
            lines.extend(help());
            lines
        }
        Tell::Help(_) => help(),
        Tell::Sharing { host, kinds, .. } => {
            wrapped(&format!("a model at {host} is asked; it is sent: {}", kinds.join("; ")), Role::Dim, width, "· ", 2)
        }
        Tell::Saying(..) => Vec::new(),
        Tell::Said(_, markdown) => markdown.lines().flat_map(|line| wrapped(line, Role::Plain, width, "", 0)).collect(),
        Tell::WithoutModel(_, why) => wrapped(&format!("{why}; going on without it"), Role::Warn, width, "▲ ", 2),
        Tell::Problem(_, trouble) => problem(trouble, width),
        Tell::NothingToDo(_, sentence) => wrapped(sentence, Role::Good, width, "✓ ", 2),
        Tell::Here(_, namespace) => {
            let sentence = format!("namespace {namespace} from here on, in this session; the kubeconfig stays as it is");
            wrapped(&sentence, Role::Good, width, "✓ ", 2)
        }
        Tell::Rehearsed(shown) => {
            let mut lines = card(shown, here, width);
            lines.push(Line::of("dry run: nothing was changed", Role::Good));
            lines
        }
        Tell::Dropped(_) => vec![Line::of("left; nothing was changed", Role::Dim)],
        Tell::Declined(_) => vec![Line::of("not applied; nothing was changed", Role::Warn)],
        Tell::Lacking(_, Lacking::Name(name)) => {
            wrapped(&format!("this needs the name typed: {name} (on the command line: --confirm {name})"), Role::Warn, width, "▲ ", 2)
        }
        Tell::Lacking(_, Lacking::Yes) => wrapped("this needs a plain yes (on the command line: --yes)", Role::Warn, width, "▲ ", 2),
        Tell::Lacking(_, Lacking::Person) => {
            wrapped("something in it was taken for granted: a person has to say yes to it, --yes does not", Role::Warn, width, "▲ ", 2)
        }
        Tell::Progress(_, moved) => vec![progress(moved)],
        Tell::Outcome(done) => outcome(done, width),
        Tell::Diagnosis(_, found) => {
            let mut lines = fitted(diagnosis(found, width), width);
            if proposes(found) {
                let hint = "\"fix it\" (F5 on the screen) shows what the fix would change, and asks";
                lines.extend(wrapped(hint, Role::Dim, width, "  ", 2));
            }
            lines
        }
        Tell::Recounted(_, told) => match &**told {
            Recounted::Timeline(told) => timeline(told, width),
            Recounted::Dependencies(told) => dependencies(told, width),
        },
        Tell::Mended(_, looked) => mended(looked, width),
        Tell::Audit(_, found, whole) => audit(found, if *whole { Detail::All } else { Detail::Overview }, width),
        Tell::Report(_, found) => report(found, width),
        Tell::FoundOpen(run, sentence) => {
            wrapped(&format!("run {} was left open by an earlier start: {sentence}", run.short()), Role::Warn, width, "▲ ", 2)
        }
        Tell::Stopped(_) => vec![Line::of("stopped; nothing was sent", Role::Warn)],
        Tell::AskedAnew(..) => wrapped(
            "the object has changed since you said yes: nothing was sent, and this is how it would be now",
            Role::Warn,
            width,
            "▲ ",
            2,
        ),
    }
}
