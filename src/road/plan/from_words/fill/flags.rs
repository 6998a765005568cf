//! Flags of kubectl's that stand among the words.

use super::{
    super::{
        lexicon::Act,
        slots::{Amount, Given, Place},
    },
    Reader,
};
use crate::ops::{KUSTOMIZATION, Output};

/// Flags that say of themselves which role they are.
const SWITCHES: &[&str] = &["force", "ignore-daemonsets", "delete-emptydir-data", "now", "server-side"];

impl Reader<'_> {
    pub(super) fn flag(&mut self, name: &str, value: Option<String>) {
        let number = value.as_deref().and_then(|v| v.parse::<u64>().ok());
        match (name, value) {
            ("namespace", Some(ns)) => self.set_place(Place::Named(ns)),
            ("all-namespaces", None) => self.set_place(Place::All),
            ("selector", Some(selector)) => self.out.pairs.push(selector),
            ("container", Some(container)) => self.out.container = Some(container),
            ("output", Some(form)) if form.parse::<Output>().is_ok() => self.out.output = form.parse().ok(),
            ("tail", Some(_)) if number.is_some() => self.out.tail = number,
            ("since", Some(since)) => self.out.since = Some(since),
            ("replicas", Some(_)) if number.is_some() => self.out.amount = number.map(Amount::To),
            ("to-revision", Some(_)) if number.is_some() => self.out.revision = number,
            ("filename", Some(file)) => {
                self.out.from_file = true;
                self.out.files.push(file);
            }
            // The folder is meant, whichever file of it was named.
            ("kustomize", Some(folder)) => {
                let whole =
                    ["/kustomization.yaml", "/kustomization.yml", "/Kustomization"].iter().find_map(|file| folder.strip_suffix(file));
                self.out.from_file = true;
                self.out.files.push(format!("{KUSTOMIZATION}{}", whole.unwrap_or(&folder)));
            }
            ("from-file", Some(file)) if self.out.acts == [Act::Create] => {
                self.out.from_file = true;
                self.out.files.push(file);
            }
            ("previous", None) => self.out.previous = true,
            ("all-containers", None) => self.out.all_containers = true,
            ("timestamps", None) => self.out.timestamps = true,
            ("overwrite", None) => self.out.overwrite = true,
            ("show-labels", None) => self.out.labels = true,
            (switch, None) if let Some(role) = SWITCHES.iter().find(|role| **role == switch) => {
                self.out.given.push(Given { role, values: vec!["true".into()] });
            }
            _ => return self.leave(),
        }
        self.at += 1;
    }
}
