//! Images that do not come.

use super::{
    finding::{Finding, rules},
    told,
};
use crate::experts::signals::images::{self, Class};
use crate::facts::snapshot::{Ref, Snapshot, pod::Pod};

rules! {
    MISSING = "image-not-found" Error 95 Supply "An image or its tag does not exist in the registry." reads ["Pod.status", "events"] like "pod web-1 cannot pull image nginx:9.99: the manifest or tag does not exist in docker.io" same_as ["k8sgpt/Pod"];
    ACCESS = "image-pull-unauthorized" Error 92 Supply "The registry refuses the pull: authentication or authorization failed." reads ["Pod.status", "Pod.spec.imagePullSecrets", "events"] like "pod web-1 cannot pull image ghcr.io/a/b:1: the registry ghcr.io refuses it (unauthorized)" same_as ["k8sgpt/Pod"];
    SECRET = "image-pull-secret-missing" Error 95 Supply "A pod names an imagePullSecret that does not exist or holds no credentials." reads ["Pod.spec.imagePullSecrets", "Secret", "events"] like "pod web-1 cannot pull image r.io/a:1: its imagePullSecret regcred is missing";
    RATE = "image-pull-rate-limit" Error 92 Supply "The registry limits how often one may pull." reads ["Pod.status", "events"] like "pod web-1 cannot pull image nginx: docker.io limits how often one may pull";
    REGISTRY = "image-registry-unreachable" Error 90 Supply "The registry cannot be reached: its name, its certificate or the network." reads ["Pod.status", "events"] like "pod web-1 cannot pull image r.io/a:1: the registry's name r.io cannot be resolved";
    NEVER = "image-never-pulled" Error 97 Supply "An image is not on the node, and the pull policy forbids to pull it." reads ["Pod.status", "Pod.spec.containers.imagePullPolicy"] like "pod web-1 cannot start: image todo:dev is not on the node, and imagePullPolicy is Never";
    NAME = "image-name-invalid" Error 97 Supply "What stands in image is no legal image name." reads ["Pod.status"] like "pod web-1 cannot start: Nginx::1 is no legal image name";
    ARCHITECTURE = "image-architecture-mismatch" Error 93 Supply "An image is not made for the node's architecture." reads ["Pod.status", "events", "logs"] like "pod web-1 cannot run image a:1: it is not made for the architecture of its node";
    POLICY = "image-policy-rejected" Error 92 Supply "An image policy, mostly of an admission webhook, rejects the image." reads ["events"] like "pod web-1 cannot start: its image is rejected by a policy (image-policy-webhook)";
    UNKNOWN = "image-pull-failed" Error 85 Supply "An image cannot be pulled, and nothing tells why." reads ["Pod.status", "events"] like "pod web-1 cannot pull image a:1";
}

/// Reasons with which a container waits for its image, or with which an event speaks of it.
const WAITING: &[&str] = &[
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "ImagePullFailure",
    "FailedPull",
];

/// Whether a waiting reason is about an image.
pub(super) fn is_pull(reason: &str) -> bool {
    WAITING.contains(&reason)
}

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for pod in s.pods.iter().filter(|p| !p.over() && !p.meta.going()) {
        of_pod(s, pod, found);
    }
}

struct Told {
    container: String,
    image: String,
    reason: String,
    message: String,
    quote: String,
}

fn of_pod(s: &Snapshot, pod: &Pod, found: &mut Vec<Finding>) {
    let mut told: Vec<Told> = Vec::new();
    for c in pod.containers() {
        let Some(w) = c.status.state.waiting.as_ref().filter(|w| is_pull(&w.reason)) else { continue };
        let image = c.spec.map_or(&c.status.image, |spec| &spec.image).to_string();
        told.push(Told {
            container: c.status.name.to_string(),
            image,
            reason: w.reason.to_string(),
            message: w.message.to_string(),
            quote: told::container(&c),
        });
    }
    let pulls = |reason: &str, message: &str| {
        is_pull(reason)
            || reason == "FailedToRetrieveImagePullSecret"
            || (["Failed", "BackOff"].contains(&reason) && message.to_lowercase().contains("pull") && message.contains("image"))
    };
    let events: Vec<_> = s.events_of("Pod", &pod.meta).into_iter().filter(|e| e.warning && pulls(&e.reason, &e.message)).collect();
    if told.is_empty() && !pod.ready() && !events.is_empty() {
        // A dump without statuses; or the pull is being tried just now, and the container says ContainerCreating.
        let all: Vec<_> = pod.spec.all().collect();
        for e in &events {
            let named = all.iter().find(|c| {
                e.message.contains(&format!("\"{}\"", c.image))
                    || e.message.contains(&format!("container {}", c.name))
                    || e.message.contains(&format!("container \"{}\"", c.name))
            });
            let c = named.or(if all.len() == 1 { all.first() } else { None });
            let quoted = e.message.split(['"', '\'']).nth(1).filter(|w| !w.contains(' '));
            let image = c.map_or_else(|| quoted.unwrap_or_default().to_string(), |c| c.image.to_string());
            if told.iter().any(|t| t.image == image || image.is_empty()) {
                continue;
            }
            told.push(Told {
                container: c.map_or("", |c| &c.name).to_string(),
                image,
                reason: e.reason.to_string(),
                message: e.message.to_string(),
                quote: told::event(e, &s.clock),
            });
        }
    }
    for mut t in told {
        let spoken = events.iter().rev().filter(|e| t.image.is_empty() || e.message.contains(&t.image) || !e.message.contains('"'));
        let most = spoken.clone().find(|e| images::class(&e.reason, &e.message) != Class::Unknown);
        let mut class = images::class(&t.reason, &t.message);
        if let Some(e) = most.filter(|_| class == Class::Unknown) {
            // The back-off hides the registry's own words; the event that came before has them.
            t.message = e.message.to_string();
            class = images::class(&t.reason, &t.message);
        }
        let secret = missing_secret(s, pod).filter(|_| matches!(class, Class::Access | Class::Hidden | Class::Unknown));
        let denied = events.iter().find(|e| &*e.reason == "FailedToRetrieveImagePullSecret");
        let image = if t.image.is_empty() { "its image".to_string() } else { format!("image {}", t.image) };
        let registry = images::registry(&t.image);
        let init = pod.spec.init.iter().any(|c| *c.name == *t.container);
        let of = match (init, pod.spec.containers.len() + pod.spec.init.len() > 1 && !t.container.is_empty()) {
            (true, _) => format!(" for init container {}", t.container),
            (false, true) => format!(" for container {}", t.container),
            (false, false) => String::new(),
        };
        let (rule, what) = match class {
            _ if secret.is_some() || denied.is_some() => {
                let name = secret
                    .clone()
                    .or_else(|| pod.spec.pull_secrets.first().map(|p| p.name.to_string()))
                    .map_or_else(|| "its imagePullSecret".into(), |n| format!("its imagePullSecret {n}"));
                (&SECRET, format!("cannot pull {image}{of}: {name} is missing or invalid"))
            }
            Class::Missing => (&MISSING, format!("cannot pull {image}{of}: this manifest or tag does not exist in {registry}")),
            Class::Hidden => (
                &MISSING,
                format!("cannot pull {image}{of}: it does not exist in {registry}, or credentials are missing (pull access denied)"),
            ),
            Class::Access => {
                (&ACCESS, format!("cannot pull {image}{of}: the registry {registry} refused it (authentication or authorization failed)"))
            }
            Class::Rate => (&RATE, format!("cannot pull {image}{of}: {registry} limits how often one may pull (rate limit)")),
            Class::Never => (&NEVER, format!("cannot start{of}: {image} is not on the node, and imagePullPolicy is Never")),
            Class::Name => (&NAME, format!("cannot start{of}: {} is no legal image name (InvalidImageName)", t.image)),
            Class::Policy => (&POLICY, format!("cannot start{of}: {image} was rejected by an image policy{}", by(&events, " (", ")"))),
            Class::Architecture => {
                (&ARCHITECTURE, format!("cannot pull {image}{of}: it is not made for the architecture of the node (no matching manifest)"))
            }
            Class::Host | Class::Certificate | Class::Plain | Class::Unreachable => {
                (&REGISTRY, format!("cannot pull {image}{of}: {}", images::cause(&t.reason, &t.message, &t.image)))
            }
            Class::Unknown => (&UNKNOWN, format!("cannot pull {image}{of}: the registry's answer is not told")),
        };
        let subject = told::pod(pod);
        let waits = if pod.spec.pull_secrets.is_empty() && matches!(class, Class::Access | Class::Hidden) {
            "spec.imagePullSecrets is empty"
        } else {
            ""
        };
        let key = match rule.id {
            "image-registry-unreachable" | "image-pull-rate-limit" => registry.to_string(),
            "image-pull-secret-missing" => format!("{}/{}", pod.meta.namespace, secret.unwrap_or_default()),
            _ => format!("{}/{}", s.top("Pod", &pod.meta).told(), t.image),
        };
        found.push(
            Finding::new(rule, subject.clone(), what)
                .saw(t.quote)
                .saw_all(events.iter().rev().take(2).map(|e| told::event(e, &s.clock)))
                .saw(waits)
                .one_for(key)
                .by_hand(told::describe(&subject))
                .after(claims_pending(s, pod)),
        );
    }
}

fn by(events: &[&crate::facts::snapshot::event::Event], before: &str, after: &str) -> String {
    events.iter().find(|e| !e.by.is_empty() && &*e.by != "kubelet").map_or_else(String::new, |e| format!("{before}{}{after}", e.by))
}

/// An imagePullSecret of the pod that is not there.
fn missing_secret(s: &Snapshot, pod: &Pod) -> Option<String> {
    let namespace = &pod.meta.namespace;
    let missing = |name: &str| s.knows("Secret", namespace) && s.secret(namespace, name).is_none();
    pod.spec.pull_secrets.iter().map(|p| p.name.to_string()).find(|name| missing(name))
}

/// A claim that is not bound keeps a pod back before any image is pulled.
fn claims_pending(s: &Snapshot, pod: &Pod) -> Vec<Ref> {
    let pending =
        pod.spec.claim_names().filter(|(_, name)| s.claim(&pod.meta.namespace, name).is_some_and(|c| &*c.status.phase == "Pending"));
    pending.map(|(_, name)| Ref::new("PersistentVolumeClaim", &pod.meta.namespace, name)).collect()
}
