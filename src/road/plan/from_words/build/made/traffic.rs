//! Network policies: who may send to whom. Pods of a workload are found by its own selector; a namespace by the label that every one has
//! (`kubernetes.io/metadata.name`, set by the server since Kubernetes 1.21).

use super::super::{Builder, Out, WORKLOADS, is};
use crate::{
    ops::{LabelKey, LabelValue, Op, parts::Port},
    road::plan::{
        Assumed,
        from_words::{
            Step,
            making::{Traffic, Who},
        },
    },
};
use serde_json::{Map, Value, json};

/// A side of a policy: a word for its name, and its selector.
struct Side {
    word: Option<String>,
    pods: Value,
    namespace: Option<String>,
}

impl Builder<'_> {
    /// The policy that was asked for.
    pub(super) fn traffic(&mut self, t: &Traffic) -> Out<Vec<Op>> {
        if !t.unread.is_empty() {
            return Err(self.not_understood(&t.unread));
        }
        if t.allows { self.allowed(t) } else { self.denied(t) }
    }

    fn denied(&mut self, t: &Traffic) -> Out<Vec<Op>> {
        let (mut ingress, mut egress) = (t.ingress, t.egress);
        if !ingress && !egress {
            ingress = t.all && t.from.is_empty() || !t.to.is_empty();
            egress = t.all && t.to.is_empty() || !t.from.is_empty();
        }
        if !ingress && !egress {
            return Err(self
                .ask("direction", "I understood that traffic shall be denied; what comes in (ingress), what goes out (egress), or both?"));
        }
        // Deny rules for somebody in particular there are none: a policy only allows.
        let one_sided = ingress && !egress && !t.from.is_empty() && t.from != [Who::Anybody]
            || egress && !ingress && !t.to.is_empty() && t.to != [Who::Anybody];
        if one_sided || !t.ports.is_empty() || ingress && egress && !(t.from.is_empty() && t.to.is_empty()) {
            return Err(self.ask(
                "which",
                "A network policy says only what is allowed, and closes the rest: it cannot deny somebody or a port alone. Who shall be allowed, to whom, on which port?",
            ));
        }
        let of: &[Who] = match (t.on.as_slice(), ingress, egress) {
            ([], true, false) => &t.to,
            ([], false, true) => &t.from,
            (on, ..) => on,
        };
        let side = self.selected(of)?;
        let mut types = Vec::new();
        types.extend(ingress.then_some("Ingress"));
        types.extend(egress.then_some("Egress"));
        let what = match (ingress, egress) {
            (true, false) => "-ingress",
            (false, true) => "-egress",
            _ => "",
        };
        let derived = match &side.word {
            Some(word) => format!("{word}-deny{}", if what.is_empty() { "-all" } else { what }),
            None => format!("deny-all{what}"),
        };
        self.policy(t, &side, derived, json!({"podSelector": side.pods, "policyTypes": types}))
    }

    fn allowed(&mut self, t: &Traffic) -> Out<Vec<Op>> {
        if t.ingress && t.egress {
            return Err(self.ask("direction", "One direction at a time, please: what comes in (ingress) or what goes out (egress)?"));
        }
        let egress = t.egress || t.only_there && !t.ingress;
        let (near, far) = if egress { (&t.from, &t.to) } else { (&t.to, &t.from) };
        let of = match (t.on.as_slice(), near.as_slice()) {
            ([], []) if t.place.is_none() => return Err(self.ask("name", "I understood that traffic shall be allowed; to which pods?")),
            ([], near) => near,
            (on, []) => on,
            (_, _) => return Err(self.ask("which", "Whose traffic is meant: two were said; which pods is the policy for?")),
        };
        if far.is_empty() && !(t.all || !t.ports.is_empty() || t.ingress || t.egress) {
            return Err(self.ask("name", "I understood that traffic shall be allowed; from whom?"));
        }
        let side = self.selected(of)?;
        let mut peers = Vec::new();
        let mut words = Vec::new();
        for who in far {
            if let Some((peer, word)) = self.peer(who, side.namespace.as_deref())? {
                peers.push(peer);
                words.push(word);
            } else if far.len() > 1 {
                return Err(self.ask("which", "Anybody and somebody in particular were said; who is meant?"));
            }
        }
        let mut rule = Map::new();
        let peers_none = peers.is_empty();
        if !peers_none {
            rule.insert(if egress { "to" } else { "from" }.into(), json!(peers));
        }
        if !t.ports.is_empty() {
            let port = |(port, protocol): &(Port, &str)| match port {
                Port::Number(n) => json!({"port": n, "protocol": protocol}),
                Port::Named(name) => json!({"port": name, "protocol": protocol}),
            };
            rule.insert("ports".into(), json!(t.ports.iter().map(port).collect::<Vec<_>>()));
        }
        let (field, kind) = if egress { ("egress", "Egress") } else { ("ingress", "Ingress") };
        let spec = json!({"podSelector": side.pods, "policyTypes": [kind], field: [rule]});
        let way = if egress { "to" } else { "from" };
        let whom = if words.is_empty() { "anywhere".to_string() } else { words.join("-") };
        let derived = match &side.word {
            Some(word) => format!("{word}-allow-{way}-{whom}"),
            None => format!("allow-{way}-{whom}"),
        };
        let everything = peers_none && t.ports.is_empty();
        if !(t.only || t.only_there || t.noun || everything) {
            let (taken, why) = match egress {
                false => ("nothing else is let in to them", "pods that a policy selects take only what policies allow"),
                true => (
                    "nothing else is let out of them",
                    "pods that a policy selects reach only what policies allow; name look-ups (DNS) as well",
                ),
            };
            self.find.assumed.push(Assumed { said: "allow".into(), taken: taken.into(), why: why.into() });
        }
        self.policy(t, &side, derived, spec)
    }

    fn policy(&mut self, t: &Traffic, side: &Side, derived: String, spec: Value) -> Out<Vec<Op>> {
        let name = t.name.clone().map_or(derived, |name| name.to_lowercase());
        let name = crate::ops::DnsName::new(name)
            .map_err(|e| self.ask("name", format!("I understood a network policy, and {e}; what shall it be called?")))?;
        if let Some(place) = &side.namespace {
            let place = self.namespace_of(place)?;
            if self.namespace.as_ref().is_some_and(|known| *known != place) {
                return Err(self.ask("namespace", "Two namespaces were said for the same pods; in which one are they?"));
            }
            self.namespace = Some(place);
        }
        Ok(self.applied(vec![
            json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name}, "spec": spec}),
        ]))
    }

    /// The pods a policy is for.
    fn selected(&mut self, of: &[Who]) -> Out<Side> {
        match of {
            [] | [Who::Anybody] => Ok(Side { word: None, pods: json!({}), namespace: None }),
            [Who::Pods(labels, place)] => Ok(Side {
                word: labels.first().map(|(_, value)| part_of_name(value)),
                pods: self.by_labels(labels)?,
                namespace: place.clone(),
            }),
            [Who::Of(object, place)] => {
                let (pods, word) = self.of_workload(object, place.as_deref())?;
                Ok(Side { word: Some(word), pods, namespace: place.clone() })
            }
            [Who::Namespace(name)] => Ok(Side { word: None, pods: json!({}), namespace: Some(name.clone()) }),
            _ => Err(self.ask("which", "A network policy is for the pods of one selector: which pods, by one name or by labels?")),
        }
    }

    /// The other side, with a word for it; `None` is anybody.
    fn peer(&mut self, who: &Who, home: Option<&str>) -> Out<Option<(Value, String)>> {
        let by_name = |name: &str| json!({"matchLabels": {"kubernetes.io/metadata.name": name}});
        let here = home.map(str::to_string).or_else(|| self.here().map(|ns| ns.to_string()));
        let elsewhere = |place: &Option<String>| place.clone().filter(|place| here.as_deref() != Some(place.to_lowercase().as_str()));
        Ok(Some(match who {
            Who::Anybody => return Ok(None),
            Who::Pods(labels, place) => {
                let pods = self.by_labels(labels)?;
                let word = labels.first().map(|(_, value)| part_of_name(value));
                match elsewhere(place) {
                    Some(place) => {
                        let place = self.namespace_of(&place)?;
                        let namespace = by_name(place.as_str());
                        let word = word.unwrap_or_else(|| place.to_string());
                        let one = if labels.is_empty() {
                            json!({"namespaceSelector": namespace})
                        } else {
                            json!({"namespaceSelector": namespace, "podSelector": pods})
                        };
                        (one, word)
                    }
                    None => (json!({"podSelector": pods}), word.unwrap_or_else(|| "same-namespace".into())),
                }
            }
            Who::Of(object, place) => {
                let (pods, word) = self.of_workload(object, place.as_deref())?;
                match elsewhere(place) {
                    Some(place) => (json!({"namespaceSelector": by_name(self.namespace_of(&place)?.as_str()), "podSelector": pods}), word),
                    None => (json!({"podSelector": pods}), word),
                }
            }
            Who::Namespace(name) => {
                let name = self.namespace_of(name)?;
                (json!({"namespaceSelector": by_name(name.as_str())}), name.to_string())
            }
            Who::Namespaces(labels) => {
                let word = labels.first().map_or_else(|| "all-namespaces".to_string(), |(_, value)| part_of_name(value));
                (json!({"namespaceSelector": self.by_labels(labels)?}), word)
            }
            Who::Block(cidr) => (json!({"ipBlock": {"cidr": cidr}}), part_of_name(cidr)),
        }))
    }

    fn by_labels(&self, labels: &[(String, String)]) -> Out<Value> {
        let mut all = Map::new();
        for (key, value) in labels {
            let legal = LabelKey::new(key.as_str()).and_then(|key| LabelValue::new(value.as_str()).map(|value| (key, value)));
            let (key, value) = legal.map_err(|e| self.ask("label", format!("I understood labels of pods, and {e}.")))?;
            all.insert(key.to_string(), json!(value));
        }
        Ok(if all.is_empty() { json!({}) } else { json!({"matchLabels": all}) })
    }

    /// The selector of a workload's pods, as the cluster has it, and its name.
    fn of_workload(&mut self, object: &super::super::Object, place: Option<&str>) -> Out<(Value, String)> {
        let name = object.names.first().cloned().unwrap_or_default().to_lowercase();
        if !self.find.scope.cluster {
            let text = format!("Which labels the pods of {name} have is not known without a cluster; say them: pods with label KEY=VALUE.");
            return Err(Step::ask("label", text, Vec::new()));
        }
        let before = self.namespace.clone();
        if let Some(place) = place {
            self.namespace = Some(self.namespace_of(place)?);
        }
        let found = self.selector_of(object);
        self.namespace = before;
        found
    }

    fn selector_of(&mut self, object: &super::super::Object) -> Out<(Value, String)> {
        let mut targets = Vec::new();
        let pod = object.kinds.iter().any(|kind| is(*kind, "pods"));
        if pod {
            return Err(
                self.ask("label", "A pod's name is no label, and policies go by labels; which labels have the pods that are meant?")
            );
        }
        self.of_object(object, WORKLOADS, &|_| None, &mut targets)?;
        let [target] = targets.as_slice() else { return Err(Box::new(Step::Unknown)) };
        let live = self.live(target)?;
        Ok((self.selector(target, live.as_ref())?, target.name().to_string()))
    }
}

/// What of a text can stand in a name.
fn part_of_name(text: &str) -> String {
    let plain: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    plain.trim_matches('-').to_string()
}
