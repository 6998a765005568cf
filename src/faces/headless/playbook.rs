//! `aiops playbook`: which there are, what one says, whether a file of one's own is one.

use super::{Headless, Paint};
use crate::{
    experts::playbook::{self, Inputs, Library, Playbook},
    faces::{
        args::{Form, PlaybookCommand},
        say::{self, Line, Role},
    },
    ops::{Kind, Name, Target, answer::Table},
    problem::{Problem, Sort},
    road::{RunId, plan::Scope},
};
use std::{io::Write, path::Path};

/// Carries one of the commands out that need no cluster. `None` where it needs one: `run`.
///
/// # Errors
/// [`Problem`] where there is no such playbook or file.
pub fn playbook<W: Write>(what: &PlaybookCommand, form: Form, out: &mut Paint<W>) -> Option<Result<u8, Problem>> {
    match what {
        PlaybookCommand::List => Some(list(form, out)),
        PlaybookCommand::Show { name } => Some(show(name, out)),
        PlaybookCommand::Lint { file } => Some(lint(file, form, out)),
        PlaybookCommand::Schema => {
            out.raw(&format!("{:#}\n", playbook::schema()));
            Some(Ok(0))
        }
        PlaybookCommand::Run { .. } => None,
    }
}

fn list<W: Write>(form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let library = Library::built_in();
    if form == Form::Json {
        let all: Vec<_> = library.all().map(|p| serde_json::json!({"name": p.name, "about": p.about, "subjects": p.subject})).collect();
        out.raw(&format!("{}\n", serde_json::json!(all)));
        return Ok(0);
    }
    let rows = library.all().map(|p| vec![p.name.clone(), subjects(p), p.about.clone()]);
    out.lines(&say::table(
        &Table { title: "playbooks".into(), columns: ["Name", "Of", "About"].map(String::from).to_vec(), rows: rows.collect() },
        usize::MAX,
    ));
    Ok(0)
}

fn subjects(playbook: &Playbook) -> String {
    match playbook.subject.as_slice() {
        [] if playbook.namespace => "a namespace".into(),
        [] => "the cluster".into(),
        kinds => kinds.iter().map(|k| k.word().into_owned()).collect::<Vec<_>>().join(", "),
    }
}

fn show<W: Write>(name: &str, out: &mut Paint<W>) -> Result<u8, Problem> {
    let text = playbook::BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| unknown(name))?;
    out.raw(text);
    Ok(0)
}

fn unknown(name: &str) -> Problem {
    Problem::new(Sort::Usage, format!("there is no playbook {name:?}")).hint("aiops playbook list shows them")
}

fn lint<W: Write>(file: &Path, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let text = std::fs::read_to_string(file).map_err(|e| Problem::failed(format!("{} cannot be read: {e}", file.display())))?;
    let name = file.display().to_string();
    let errors = playbook::lint(&text, &name);
    let code = u8::from(!errors.is_empty());
    if form == Form::Json {
        let all: Vec<_> = errors.iter().map(|e| serde_json::json!({"line": e.line, "column": e.column, "sentence": e.sentence})).collect();
        out.raw(&format!("{}\n", serde_json::json!(all)));
        return Ok(code);
    }
    let told = errors.iter().map(|e| Line::of(format!("{name}:{}:{}: {}", e.line, e.column, e.sentence), Role::Bad));
    out.lines(&told.collect::<Vec<_>>());
    if errors.is_empty() {
        out.lines(&[Line::of(format!("✓ {name}: a playbook, and its tests pass"), Role::Good)]);
    }
    Ok(code)
}

impl<W: Write> Headless<W> {
    /// Runs one playbook by its name, on an object given as `kind/name`.
    pub async fn run_playbook(&mut self, name: &str, subject: Option<&str>, scope: &Scope) -> Result<u8, Problem> {
        let subject = subject.map(|s| target(s, scope)).transpose()?;
        let library = Library::built_in();
        library.named(name).ok_or_else(|| unknown(name))?;
        let inputs = Inputs { subject, namespace: Some(scope.namespace.clone()), now: self.world.now() };
        let text = format!("playbook {name}");
        let runner = library.begin_named(name, &text, inputs).ok_or_else(|| {
            Problem::new(Sort::Usage, format!("playbook {name} wants another subject")).hint("aiops playbook list says of what it is")
        })?;
        let run = RunId::new(self.world.id());
        let effects = self.session.begin_playbook(run, text.clone(), runner, self.world.now());
        Ok(self.until_over(&text, effects).await)
    }
}

fn target(text: &str, scope: &Scope) -> Result<Target, Problem> {
    let usage = |why: String| Problem::new(Sort::Usage, why).hint("for example: deployment/backend");
    let (kind, name) = text.split_once('/').ok_or_else(|| usage(format!("{text:?} is no kind/name")))?;
    let kind = Kind::find(kind).ok_or_else(|| usage(format!("{kind:?} is no kind that is known here")))?;
    let name = Name::new(name).map_err(|e| usage(e.to_string()))?;
    Ok(Target::new(kind, name).map_err(|e| usage(e.to_string()))?.in_namespace(Some(scope.namespace.clone())))
}
