//! Whether somebody else keeps the object as it is: GitOps, Helm, a controller.
//! Sources: Argo CD's resource tracking, Flux' labels, Helm's `meta.helm.sh` annotations, Kubernetes' ownerReferences.

use super::{Findings, Sight, list, said, text};
use crate::ops::{Action, Kind};
use serde_json::Value;

/// A label or an annotation that a keeper puts on what it keeps.
struct Mark {
    /// `labels` or `annotations`.
    on: &'static str,
    key: &'static str,
    /// Whether only this value counts.
    value: Option<&'static str>,
    /// Who it is; `{}` is the mark's value.
    keeper: &'static str,
    /// What it does, and what to do instead.
    does: &'static str,
}

const REVERTS: &str = "puts it back as it is in Git: change it there";
const MARKS: &[Mark] = &[
    Mark { on: "annotations", key: "argocd.argoproj.io/tracking-id", value: None, keeper: "Argo CD ({})", does: REVERTS },
    Mark { on: "labels", key: "argocd.argoproj.io/instance", value: None, keeper: "Argo CD (application {})", does: REVERTS },
    Mark { on: "labels", key: "kustomize.toolkit.fluxcd.io/name", value: None, keeper: "Flux (kustomization {})", does: REVERTS },
    Mark {
        on: "labels",
        key: "helm.toolkit.fluxcd.io/name",
        value: None,
        keeper: "Flux (helmrelease {})",
        does: "puts it back as the release has it: change the release's values in Git",
    },
    Mark { on: "annotations", key: "configmanagement.gke.io/managed", value: Some("enabled"), keeper: "Config Sync", does: REVERTS },
    Mark {
        on: "labels",
        key: "kapp.k14s.io/app",
        value: None,
        keeper: "kapp",
        does: "puts it back at its next deploy: change the manifest",
    },
    Mark {
        on: "annotations",
        key: "meta.helm.sh/release-name",
        value: None,
        keeper: "Helm (release {})",
        does: "overwrites it at the next upgrade: change the release's values",
    },
    Mark { on: "labels", key: "olm.owner", value: None, keeper: "the Operator Lifecycle Manager ({})", does: "puts it back: change that" },
    Mark {
        on: "labels",
        key: "addonmanager.kubernetes.io/mode",
        value: Some("Reconcile"),
        keeper: "the add-on manager",
        does: "puts it back as its manifest has it",
    },
];

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(object) = sight.before else { return };
    let metadata = &object["metadata"];
    let mark = MARKS.iter().find_map(|mark| {
        let value = metadata[mark.on][mark.key].as_str()?;
        mark.value.is_none_or(|wanted| wanted == value).then_some((mark, value))
    });
    if let Some((mark, value)) = mark {
        findings.warn("kept", format!("{} keeps {}, and {}", mark.keeper.replace("{}", value), said(sight.call), mark.does));
    }
    let Some(owner) = list(object, "/metadata/ownerReferences").iter().find(|o| o["controller"] == true) else { return };
    let (kind, name) = (text(owner, "/kind"), text(owner, "/name"));
    let ours = Kind::of_object(text(owner, "/apiVersion"), kind).is_some();
    let owner = format!("{}/{name}", kind.to_lowercase());
    match (&sight.call.action, sight.call.is_about("pods", "")) {
        // How far it reaches says so already, and who lets a pod go means it.
        (_, true) | (Action::Evict { .. } | Action::Get | Action::List | Action::Talk | Action::Program(_) | Action::Carried(_), _) => {}
        (Action::Delete { .. }, false) => findings.warn("owned", format!("{owner} owns {} and may make it anew", said(sight.call))),
        (Action::Create(_) | Action::Patch(..) | Action::Replace(_), false) if !ours => {
            findings.warn("owned", format!("{owner} owns {}: its operator may put it back; change {owner} instead", said(sight.call)));
        }
        (Action::Create(_) | Action::Patch(..) | Action::Replace(_), false) => {
            if object["spec"] != sight.after.map_or(Value::Null, |after| after["spec"].clone()) {
                findings.warn("owned", format!("{owner} owns {} and sets its spec: change {owner} instead", said(sight.call)));
            }
        }
    }
}
