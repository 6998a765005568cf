//! Security contexts, accounts and the like in words; and what any container has: variables, ports, amounts, commands.

use super::super::phrases::{List, list};
use super::{probes::command_words, walk::Walk};
use crate::ops::{
    EnvName, Name, Quantity,
    parts::{Bound, Capability, Guard, Part, Port, Resource, RestartPolicy},
};

fn id(w: &mut Walk) -> Option<i64> {
    w.eat(list!("of|=|is|to"));
    w.number().map(i64::from)
}

/// What no `kubectl` verb adds: parts that make a request ours.
pub fn ready(w: &mut Walk) -> Option<Vec<Part>> {
    w.attempt(|w| {
        w.eat(list!("a|an|the|its|with"));
        if let Some(guards) = guard(w) {
            return Some(guards.into_iter().map(Part::Guard).collect());
        }
        if let Some(name) =
            w.led(list!("image pull secret|imagepullsecret|imagepullsecrets|image pull secrets|pull secret|image-pull secret"), |w| {
                w.eat(list!("named|called|of|:"));
                Name::new(w.name()?).ok()
            })
        {
            return Some(vec![Part::PullSecret(name)]);
        }
        if let Some(name) = w.attempt(|w| {
            let name = Name::new(w.name()?).ok()?;
            w.eat(list!("image pull secret|imagepullsecret|as image pull secret|as imagepullsecret|as its image pull secret"))
                .then_some(name)
        }) {
            return Some(vec![Part::PullSecret(name)]);
        }
        if let Some(name) = w.led(list!("priority class|priorityclass|priorityclassname|priority class name|priority-class"), |w| {
            w.eat(list!("to|named|called|of|is"));
            Name::new(w.name()?).ok()
        }) {
            return Some(vec![Part::Priority(name)]);
        }
        let grace = w.led(
            list!("termination grace period|terminationgraceperiodseconds|termination grace period seconds|grace period of|grace period"),
            |w| {
                w.eat(list!("of|to|is"));
                w.seconds()
            },
        )?;
        Some(vec![Part::Grace(grace)])
    })
}

fn guard(w: &mut Walk) -> Option<Vec<Guard>> {
    const RUNS: &List = &List::of(
        "run|runs|running|to run|it run|run its containers|run containers|which runs|that runs|it runs|it should run|run the container|run its processes",
    );
    if let Some(one) = w.attempt(|w| {
        w.eat(RUNS);
        w.eat(list!("as|as a|as the|as an|with"));
        if w.eat(list!("non-root|nonroot|non root|non-root user|nonroot user|non root user|not as root|runasnonroot|runasnonroot true|unprivileged user")) {
            w.eat(list!("true|user|only"));
            return Some(Guard::NonRoot);
        }
        None
    }) {
        return Some(vec![one]);
    }
    if let Some(n) = w.attempt(|w| {
        w.eat(RUNS);
        w.eat(list!("as|with"));
        w.eat(list!("the"));
        if !w.eat(list!("runasuser|user|user id|userid|uid|user with id|user number")) {
            return None;
        }
        id(w)
    }) {
        let mut all = vec![Guard::User(n)];
        all.extend(w.led(list!("and group|group|, group|and group id|and runasgroup|and gid"), id).map(Guard::Group));
        return Some(all);
    }
    if let Some(n) = w.attempt(|w| {
        w.eat(RUNS);
        w.eat(list!("as|with"));
        w.led(list!("runasgroup|group id|gid|run as group|group"), id)
    }) {
        return Some(vec![Guard::Group(n)]);
    }
    if let Some(n) = w.led(list!("fsgroup|fs group|filesystem group|file system group"), id) {
        return Some(vec![Guard::FsGroup(n)]);
    }
    if w.eat(
        list!("read-only root filesystem|read only root filesystem|readonly root filesystem|read-only root file system|read only root file system|readonlyrootfilesystem|read-only filesystem|read only filesystem|read-only root fs"),
    ) {
        w.eat(list!("true"));
        return Some(vec![Guard::ReadOnlyRoot]);
    }
    if w.eat(
        list!("root filesystem read-only|root filesystem read only|root file system read-only|root file system read only|filesystem read-only|filesystem read only"),
    ) {
        return Some(vec![Guard::ReadOnlyRoot]);
    }
    if w.eat(
        list!("no privilege escalation|without privilege escalation|disallow privilege escalation|forbid privilege escalation|disable privilege escalation|allowprivilegeescalation false|privilege escalation disabled|prevent privilege escalation|privilege escalation off"),
    ) {
        return Some(vec![Guard::NoEscalation]);
    }
    if w.eat(list!("privileged mode|privileged true|a privileged container|as privileged|privileged container")) {
        return Some(vec![Guard::Privileged]);
    }
    let dropped = w.eat(list!("drop|dropping|drops|that drops|with dropped|dropped"));
    if !dropped {
        w.eat(list!("add|adding|adds|added|that adds|extra"));
    }
    if w.eat(list!("all linux capabilities|all capabilities|capabilities all|all caps")) {
        return dropped.then(|| Capability::new("ALL").map(|all| vec![Guard::Drop(all)]))?;
    }
    let list = capabilities(w)?;
    Some(list.into_iter().map(|one| if dropped { Guard::Drop(one) } else { Guard::Add(one) }).collect())
}

/// `capability NET_ADMIN`, `capabilities NET_ADMIN and SYS_TIME`, `NET_ADMIN capability`.
fn capabilities(w: &mut Walk) -> Option<Vec<Capability>> {
    let one = |w: &mut Walk| w.one(|said| Capability::new(said).filter(|_| said.chars().all(|c| c.is_ascii_uppercase() || c == '_')));
    w.attempt(|w| {
        w.eat(list!("the|a|linux|the linux"));
        let led = w.eat(list!("capability|capabilities|linux capability|linux capabilities"));
        w.eat(list!("to|of|:"));
        let mut all = vec![one(w)?];
        while let Some(more) = w.led(list!(",|and|, and"), one) {
            all.push(more);
        }
        (led || w.eat(list!("capability|capabilities"))).then_some(all)
    })
}

/// What `kubectl` has verbs for: said beside other parts it goes with them.
pub fn plain(w: &mut Walk) -> Option<Vec<Part>> {
    w.attempt(|w| {
        w.eat(list!("a|an|the|its|with|and set|uses"));
        if w.eat(list!("env|environment|env var|env variable|environment variable|env vars|env variables|environment variables|variable|variables|envs")) {
            w.eat(list!("named|called|:|set"));
            return variables(w);
        }
        if let Some(parts) = amounts(w) {
            return Some(parts);
        }
        if let Some(port) = w.led(list!("port|container port|containerport|exposing port|listening on port|exposes port|listens on port|exposed port|on port|exposed on port"), |w| {
            w.eat(list!("of|:"));
            w.port(false)
        }) {
            return match port {
                Port::Number(port) => Some(vec![Part::Listens(port)]),
                Port::Named(_) => None,
            };
        }
        if let Some(policy) = w.led(list!("restart policy|restartpolicy|restart-policy"), |w| {
            w.eat(list!("of|to|is|set to"));
            [RestartPolicy::Always, RestartPolicy::OnFailure, RestartPolicy::Never]
                .into_iter()
                .find(|policy| w.eat_word(&policy.word().to_lowercase()) || *policy == RestartPolicy::OnFailure && w.eat(list!("on failure|on-failure")))
        }) {
            return Some(vec![Part::Restart(policy)]);
        }
        if let Some(name) = w.led(list!("service account|serviceaccount|serviceaccountname|sa|using service account|use service account"), |w| {
            w.eat(list!("named|called|name|of|to"));
            Name::new(w.name()?).ok()
        }) {
            return Some(vec![Part::Account(name)]);
        }
        if let Some(words) = w.led(list!("args|arguments|with args|arg|argument"), |w| {
            w.eat(list!("of|:"));
            command_words(w)
        }) {
            return Some(vec![Part::Args(words)]);
        }
        let words = w.led(list!("command|running the command|running command|that runs the command|that runs|which runs|that runs command|executing|runs the command|the command|run the command|running"), |w| {
            w.eat(list!("of|:"));
            let quoted = w.attempt(Walk::quoted);
            match quoted {
                Some(text) => crate::ops::argv::split(&text).ok().filter(|words| !words.is_empty()),
                None => command_words(w),
            }
        })?;
        Some(vec![Part::Command(words)])
    })
}

fn variables(w: &mut Walk) -> Option<Vec<Part>> {
    let one = |w: &mut Walk| {
        w.attempt(|w| {
            if let Some((key, value)) = w.pair() {
                return Some(Part::Env(EnvName::new(key).ok()?, value));
            }
            let key = w.name()?;
            let value = w.led(list!("with value|with the value|set to|to|value|of"), |w| w.one(|said| Some(said.to_string())))?;
            Some(Part::Env(EnvName::new(key).ok()?, value))
        })
    };
    let mut all = vec![one(w)?];
    while let Some(more) = w.led(list!(",|and|, and"), one) {
        all.push(more);
    }
    Some(all)
}

/// `requests 100m cpu and 64Mi memory`, `a memory limit of 128Mi`, `limits cpu=1,memory=1Gi`.
fn amounts(w: &mut Walk) -> Option<Vec<Part>> {
    w.attempt(|w| {
        w.eat(list!("resource|resources"));
        if w.eat(list!("requests and limits|limits and requests")) {
            let all = several(w, Bound::Request)?;
            return Some(
                all.iter()
                    .cloned()
                    .chain(all.iter().filter_map(|part| match part {
                        Part::Amount(_, resource, amount) => Some(Part::Amount(Bound::Limit, *resource, amount.clone())),
                        _ => None,
                    }))
                    .collect(),
            );
        }
        if let Some(bound) = bound(w) {
            w.eat(list!("of|to|:"));
            return several(w, bound);
        }
        // "a memory limit of 128Mi"
        let resource = resource(w)?;
        let bound = bound(w)?;
        w.eat(list!("of|to|:"));
        let amount = w.one(|said| Quantity::new(said).ok())?;
        Some(vec![Part::Amount(bound, resource, amount)])
    })
}

fn bound(w: &mut Walk) -> Option<Bound> {
    if w.eat(list!("requests|request|requesting|resource requests|resource request|it requests|that requests")) {
        return Some(Bound::Request);
    }
    w.eat(list!("limits|limit|limited to|resource limits|resource limit")).then_some(Bound::Limit)
}

fn resource(w: &mut Walk) -> Option<Resource> {
    if w.eat(list!("cpu|cpus")) {
        return Some(Resource::Cpu);
    }
    w.eat(list!("memory|mem|ram")).then_some(Resource::Memory)
}

fn several(w: &mut Walk, bound: Bound) -> Option<Vec<Part>> {
    let one = |w: &mut Walk| {
        w.attempt(|w| {
            if let Some(pairs) = w.one(|said| {
                let (key, value) = said.split_once('=')?;
                let resource = match key {
                    "cpu" => Resource::Cpu,
                    "memory" => Resource::Memory,
                    _ => return None,
                };
                Some(Part::Amount(bound, resource, Quantity::new(value).ok()?))
            }) {
                return Some(pairs);
            }
            if let Some(resource) = resource(w) {
                w.eat(list!("of|:|is|to"));
                return Some(Part::Amount(bound, resource, w.one(|said| Quantity::new(said).ok())?));
            }
            let amount = w.one(|said| Quantity::new(said).ok())?;
            w.eat(list!("of"));
            Some(Part::Amount(bound, resource(w)?, amount))
        })
    };
    let mut all = vec![one(w)?];
    while let Some(more) = w.led(list!(",|and|, and"), one) {
        all.push(more);
    }
    Some(all)
}
