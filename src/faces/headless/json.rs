//! One request's results as one JSON document.

use crate::{faces::say::Flow, problem::Problem, road::preview::Card, session::Tell};
use serde_json::{Value, json};

/// What was told about one request so far.
pub(super) struct Told {
    request: String,
    run: Option<String>,
    preview: Option<Value>,
    results: Vec<Value>,
    notes: Vec<String>,
    /// Whether progress stands on the terminal.
    pub(super) drawn: bool,
    /// What a read that goes on needs from piece to piece.
    pub(super) flow: Flow,
    /// Whether it is one that goes on.
    pub(super) followed: bool,
    /// Whether it was ended because nobody reads it any more.
    pub(super) cut: bool,
}

impl Told {
    pub(super) fn new(request: &str) -> Told {
        Told {
            request: request.to_string(),
            run: None,
            preview: None,
            results: Vec::new(),
            notes: Vec::new(),
            drawn: false,
            flow: Flow::default(),
            followed: false,
            cut: false,
        }
    }

    pub(super) fn request(&self) -> &str {
        &self.request
    }

    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    pub(super) fn card(&mut self, card: &Card) {
        self.run = Some(card.run.to_string());
        self.preview = serde_json::to_value(card).ok();
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.results.push(json!({"problem": problem}));
    }

    pub(super) fn take(&mut self, tell: Tell) {
        let value = match tell {
            Tell::Question(_, question) => json!({"question": question}),
            Tell::Refused(_, refusal) => json!({"refused": refusal}),
            Tell::NotUnderstood(_) => json!({"not_understood": true}),
            Tell::Help(_) => json!({"help": super::say::help().iter().map(super::say::Line::text).collect::<Vec<_>>()}),
            Tell::Sharing { host, kinds, .. } => json!({"sharing": {"host": host, "kinds": kinds}}),
            Tell::Saying(..) => return,
            Tell::Said(_, markdown) => json!({"said": markdown}),
            Tell::WithoutModel(_, why) => json!({"without_model": why}),
            Tell::Problem(_, problem) => json!({"problem": problem}),
            Tell::NothingToDo(_, sentence) => json!({"nothing_to_do": sentence}),
            Tell::Here(_, namespace) => json!({"namespace": namespace}),
            Tell::Rehearsed(card) => {
                self.card(&card);
                json!({"rehearsed": true})
            }
            Tell::Dropped(_) => json!({"dropped": true}),
            Tell::Declined(_) => json!({"declined": true}),
            Tell::Lacking(_, lacking) => json!({"lacking": lacking}),
            Tell::Progress(..) => return,
            Tell::Outcome(outcome) => {
                self.run = Some(outcome.run.to_string());
                json!({"outcome": outcome})
            }
            Tell::Diagnosis(_, found) => json!({"diagnosis": super::diagnose::document(&found)}),
            Tell::Recounted(_, told) => super::recount::document(&told),
            Tell::Mended(_, looked) => {
                let causes: Vec<Value> = looked.causes.iter().map(|(title, gone)| json!({"title": title, "gone": gone})).collect();
                json!({"mended": {"causes": causes, "left": looked.left}})
            }
            Tell::Audit(_, found, _) => json!({"audit": super::audit::document(&found)}),
            Tell::Report(_, report) => json!({"report": report}),
            Tell::FoundOpen(run, sentence) => json!({"found_open": {"run": run, "sentence": sentence}}),
            Tell::Stopped(_) => json!({"stopped": true}),
            Tell::AskedAnew(old, new) => json!({"asked_anew": {"instead_of": old, "run": new}}),
        };
        self.results.push(value);
    }

    pub(super) fn json(&self, code: u8) -> String {
        let mut document = json!({"request": self.request, "run": self.run, "exit": code, "results": self.results});
        if let Some(preview) = &self.preview {
            document["preview"] = preview.clone();
        }
        if !self.notes.is_empty() {
            document["notes"] = json!(self.notes);
        }
        document.to_string()
    }
}
