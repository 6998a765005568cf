//! Storage in words: `a pvc named data of 5Gi with storage class fast, ReadWriteOnce`, `a persistent volume pv1 with capacity 1Gi, host path
//! /mnt/data`, a storage class.

use super::super::phrases::{List, list};
use super::walk::Walk;
use crate::ops::Quantity;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Claim,
    Volume,
    Class,
}

/// It, as far as it was said.
#[derive(Debug, Clone)]
pub struct Storage {
    pub sort: Sort,
    pub name: Option<String>,
    pub size: Option<Quantity>,
    pub modes: Vec<&'static str>,
    pub class: Option<String>,
    pub path: Option<String>,
    pub reclaim: Option<&'static str>,
    pub volume: Option<String>,
    pub provisioner: Option<String>,
    pub binding: Option<&'static str>,
    pub expands: bool,
    pub default: bool,
    pub labels: Vec<(String, String)>,
    pub place: Option<String>,
    pub unread: Vec<String>,
}

/// Source: `PersistentVolumeAccessMode` in `k8s.io/api/core/v1/types.go`.
const MODES: &[(List, &str)] = &[
    (List::of("readwriteonce|rwo|read-write-once|read write once"), "ReadWriteOnce"),
    (List::of("readonlymany|rox|read-only-many|read only many"), "ReadOnlyMany"),
    (List::of("readwritemany|rwx|read-write-many|read write many"), "ReadWriteMany"),
    (List::of("readwriteoncepod|rwop|read-write-once-pod|read write once pod"), "ReadWriteOncePod"),
];

impl Storage {
    /// Reads a step; `None` where it makes no storage.
    pub fn read(mut w: Walk) -> Option<Storage> {
        w.eat(list!("then|now|and|also|next|,"));
        let place = w.attempt(place);
        w.eat(list!(","));
        if !w.eat(list!("create|make|add|define|provision|request|set up|give me|generate|write|apply|deploy")) {
            return None;
        }
        w.eat(list!("a|an|the"));
        w.eat(list!("new|hostpath|host path|local"));
        let sort = match w.kind()? {
            (kind, false) if kind.is("persistentvolumeclaims", "") => Sort::Claim,
            (kind, false) if kind.is("persistentvolumes", "") => Sort::Volume,
            (kind, false) if kind.is("storageclasses", "storage.k8s.io") => Sort::Class,
            _ => return None,
        };
        let mut s = Storage {
            sort,
            name: None,
            size: None,
            modes: Vec::new(),
            class: None,
            path: None,
            reclaim: None,
            volume: None,
            provisioner: None,
            binding: None,
            expands: false,
            default: false,
            labels: Vec::new(),
            place,
            unread: Vec::new(),
        };
        s.name = w.attempt(|w| {
            w.eat(list!("named|called|with name|with the name|name"));
            let telling =
                w.sees(list!("size|capacity|storage|accessmode|readwriteonce|rwo|readwritemany|rwx|hostpath|requesting")).is_some();
            w.name().filter(|name| !telling && Quantity::new(name.as_str()).is_err())
        });
        while !w.done() {
            if w.attempt(|w| s.more(w)).is_none()
                && !w.eat(list!(
                    ",|and|with|a|an|the|of|using|that|has|having|which|uses|it|for|should|use|be|its|set|to|is|on|(|)|via|type|path"
                ))
            {
                s.unread.extend(w.skip().map(String::from));
            }
        }
        Some(s)
    }

    fn more(&mut self, w: &mut Walk) -> Option<()> {
        w.eat(list!(",|and|with|a|an|the|that|which|, and|its|using"));
        fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
            if slot.is_some() {
                return None;
            }
            *slot = Some(value);
            Some(())
        }
        if let Some(name) = w.led(list!("named|called|with name|with the name"), Walk::name) {
            return once(&mut self.name, name);
        }
        if let Some(size) = w.attempt(|w| {
            w.eat(list!("of|requesting|requests|request|for|asking for|storage request of|with storage request of"));
            w.eat(list!("size|capacity|storage|storage size|a capacity|storage capacity|space|a size|storage request|requested storage|a storage capacity|a storage request"));
            w.eat(list!("of|:|is|=|to"));
            let size = w.one(|said| Quantity::new(said).ok().filter(|_| said.ends_with(|c: char| c.is_ascii_alphabetic()) && !said.ends_with('m')))?;
            w.eat(list!("of storage|storage|capacity|in size|of space|space|size"));
            Some(size)
        }) {
            return once(&mut self.size, size);
        }
        if let Some(first) = w.attempt(|w| {
            w.eat(list!("access mode|access modes|accessmode|accessmodes|mode|access|in mode|with access mode"));
            w.eat(list!("of|:|is|set to|to"));
            mode(w)
        }) {
            self.modes.push(first);
            while let Some(more) = w.led(list!("and|,|, and"), mode) {
                self.modes.push(more);
            }
            w.eat(list!("access|access mode|mode"));
            return Some(());
        }
        if let Some(class) = w.led(list!("storage class|storageclass|storageclassname|storage class name|class|storage-class"), |w| {
            w.eat(list!("named|called|:|of|name"));
            w.name()
        }) {
            return once(&mut self.class, class);
        }
        if let Some(path) = w.led(list!("host path|hostpath|host-path|hostpath at|at host path|hostpath path|backed by|at|path|on the host at|host directory|directory|located at"), |w| {
            w.eat(list!("of|:|volume|host path|hostpath|at|path|the"));
            w.path()
        }) {
            return once(&mut self.path, path);
        }
        if let Some(reclaim) =
            w.led(list!("reclaim policy|persistentvolumereclaimpolicy|persistent volume reclaim policy|reclaimpolicy"), |w| {
                w.eat(list!("of|:|to|is"));
                ["Retain", "Delete", "Recycle"].into_iter().find(|policy| w.eat_word(&policy.to_lowercase()))
            })
        {
            return once(&mut self.reclaim, reclaim);
        }
        if self.sort == Sort::Claim
            && let Some(volume) = w.led(
                list!("bound to volume|for volume|volume name|volumename|bound to the volume|bound to pv|binding to volume"),
                Walk::name,
            )
        {
            return once(&mut self.volume, volume);
        }
        if self.sort == Sort::Class {
            if let Some(provisioner) = w.led(list!("provisioner|by provisioner|provisioned by"), |w| {
                w.eat(list!("of|:|is"));
                w.one(|said| crate::ops::LabelKey::new(said).ok().map(|_| said.to_string()))
            }) {
                return once(&mut self.provisioner, provisioner);
            }
            if let Some(binding) = w.led(list!("volume binding mode|volumebindingmode|binding mode"), |w| {
                w.eat(list!("of|:|is"));
                ["WaitForFirstConsumer", "Immediate"].into_iter().find(|mode| w.eat_word(&mode.to_lowercase()))
            }) {
                return once(&mut self.binding, binding);
            }
            if w.eat(list!(
                "volume expansion|allows volume expansion|allow volume expansion|allowing volume expansion|allowvolumeexpansion"
            )) {
                w.eat(list!("true|allowed|enabled"));
                self.expands = true;
                return Some(());
            }
            if w.eat(list!("as default|as the default|default class")) {
                self.default = true;
                return Some(());
            }
        }
        if let Some(pair) = w.led(list!("label|labels|labelled|labeled"), Walk::pair) {
            self.labels.push(pair);
            return Some(());
        }
        let place = w.attempt(place)?;
        once(&mut self.place, place)
    }
}

fn mode(w: &mut Walk) -> Option<&'static str> {
    let (said, mode) = MODES.iter().filter(|(said, _)| w.sees(said).is_some()).max_by_key(|(said, _)| w.sees(said))?;
    w.eat(said).then_some(*mode)
}

/// `in namespace dev`, `in dev`, `in the dev namespace`.
pub fn place(w: &mut Walk) -> Option<String> {
    if w.eat(list!("-n|--namespace")) {
        return w.name();
    }
    if !w.eat(list!("in|inside|within")) {
        return None;
    }
    w.eat(list!("the"));
    if w.eat(list!("namespace|ns")) {
        return w.name();
    }
    let name = w.name()?;
    w.eat(list!("namespace|ns"));
    Some(name)
}
