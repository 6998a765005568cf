//! The playbooks there are.

use super::{
    load::Playbook,
    matching,
    runner::{Inputs, Runner},
};
use crate::ops::Namespace;
use std::sync::{Arc, LazyLock};

/// The texts compiled in, by file name. Of two that fit alike, the first one answers.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("workload-not-ready.yaml", include_str!("../../../playbooks/workload-not-ready.yaml")),
    ("crash-loop.yaml", include_str!("../../../playbooks/crash-loop.yaml")),
    ("service-without-endpoints.yaml", include_str!("../../../playbooks/service-without-endpoints.yaml")),
    ("namespace-overview.yaml", include_str!("../../../playbooks/namespace-overview.yaml")),
    ("cluster-health.yaml", include_str!("../../../playbooks/cluster-health.yaml")),
];

static PARSED: LazyLock<Vec<Arc<Playbook>>> = LazyLock::new(|| {
    // A test loads each; one that does not load would be left out rather than stop the program.
    BUILT_IN.iter().filter_map(|(_, text)| Playbook::load(text).ok()).map(Arc::new).collect()
});

/// The playbooks there are. Reading them waits until one is asked for.
#[derive(Debug, Default)]
pub struct Library {
    built_in: bool,
    others: Vec<Arc<Playbook>>,
}

impl Library {
    /// Those compiled in.
    pub fn built_in() -> Library {
        Library { built_in: true, others: Vec::new() }
    }

    /// One more, asked before those that are there.
    #[must_use]
    pub fn with(mut self, playbook: Playbook) -> Library {
        self.others.push(Arc::new(playbook));
        self
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Playbook>> {
        let built_in: &[Arc<Playbook>] = if self.built_in { &PARSED } else { &[] };
        self.others.iter().chain(built_in)
    }

    /// The playbook of that name.
    pub fn named(&self, name: &str) -> Option<&Arc<Playbook>> {
        self.all().find(|p| p.name == name)
    }

    /// The playbook that fits these words and inputs, begun.
    pub fn begin(&self, text: &str, inputs: Inputs) -> Option<Runner> {
        let inputs = settled(inputs);
        let scored = self.all().filter_map(|p| Some((matching::score(p, text, &inputs)?, p)));
        let mut best: Option<(usize, &Arc<Playbook>)> = None;
        for (score, playbook) in scored {
            if best.is_none_or(|(s, _)| score > s) {
                best = Some((score, playbook));
            }
        }
        best.map(|(_, playbook)| Runner::new(playbook, text, inputs))
    }

    /// The playbook of that name, begun without matching; `None` where there is none or it wants another subject.
    pub fn begin_named(&self, name: &str, text: &str, inputs: Inputs) -> Option<Runner> {
        let inputs = settled(inputs);
        let playbook = self.named(name)?;
        let fits = match &inputs.subject {
            None => playbook.subject.is_empty(),
            Some(subject) => playbook.subject.contains(&subject.kind()),
        };
        fits.then(|| Runner::new(playbook, text, inputs))
    }
}

/// A namespace that is asked about is a place, not a subject; a subject's own namespace is where one looks.
fn settled(mut inputs: Inputs) -> Inputs {
    if let Some(subject) = &inputs.subject {
        if subject.kind().is("namespaces", "") {
            inputs.namespace = Namespace::new(subject.name().as_str()).ok();
            inputs.subject = None;
        } else if let Some(namespace) = subject.namespace() {
            inputs.namespace = Some(namespace.clone());
        }
    }
    inputs
}
