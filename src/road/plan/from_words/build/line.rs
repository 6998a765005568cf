//! A line of kubectl's filled in by words, and read by its operation's own parser.

use super::{
    super::{
        Step,
        lexicon::{Act, Sense},
        lines::{Line, Subject, says},
        slots::{Amount, Object, Place, subject_sort},
    },
    Builder, Out, is, official,
};
use crate::ops::{Kind, Op, Program, Target, argv, kustomization_of};

impl Builder<'_> {
    /// The operations a line comes to: one for each object it is about.
    pub(super) fn line(&mut self, line: &'static Line) -> Out<Vec<Op>> {
        let what = self.what(line);
        self.image_by_name(line);
        if line.subject == Subject::New && self.new_names(line).is_empty() {
            return Err(self.ask("name", format!("I understood that you want to {what}; what shall it be called?")));
        }
        if let Some((role, question)) =
            line.needs.iter().find(|(role, _)| !(says(self.s, role) || *role == "image" && self.image.is_some()))
        {
            return Err(self.ask(role, format!("I understood that you want to {what}; {question}")));
        }
        match line.subject {
            Subject::Said => {
                let names: Vec<String> = self.s.objects.iter().flat_map(|o| o.names.iter().cloned()).collect();
                if names.is_empty() {
                    return Err(self.ask("name", format!("I understood that you want to {what}; of which release?")));
                }
                names.into_iter().map(|name| self.read(line, vec![name], None)).collect()
            }
            Subject::None => Ok(vec![self.read(line, Vec::new(), None)?]),
            Subject::Kind => {
                let mut kinds: Vec<Kind> = self.s.objects.iter().flat_map(|o| o.kinds.iter().copied()).collect();
                // "explain deployment.spec.strategy"
                let of_a_field = |name: &String| name.split_once('.').and_then(|(first, _)| Kind::find(&first.to_lowercase()));
                if kinds.is_empty() {
                    kinds.extend(self.s.objects.iter().flat_map(|o| &o.names).filter_map(of_a_field).take(1));
                }
                let [kind] = kinds.as_slice() else { return Err(self.ask("kind", "Which kind shall be explained?")) };
                let mut word = kind.plural().into_owned();
                // "the field x in a pod spec", "the hpa's spec.metrics"
                let said = self.s.objects.iter().flat_map(|o| o.names.iter().map(String::as_str)).chain(self.s.values("field"));
                let mut path: Vec<&str> = Vec::new();
                for field in said.filter(|field| !matches!(*field, "manifest" | "manifests" | "object" | "objects")) {
                    if !path.contains(&field) {
                        path.push(field);
                    }
                }
                path.sort_by_key(|field| (*field != "spec" && *field != "status", false));
                // Said in full, it begins with the kind.
                let whole =
                    |field: &&&str| field.split_once('.').is_some_and(|(first, _)| Kind::find(&first.to_lowercase()) == Some(*kind));
                if let Some(whole) = path.iter().find(whole) {
                    path = vec![whole.split_once('.').map_or("", |(_, rest)| rest)];
                }
                for field in path {
                    word.push('.');
                    word.push_str(field);
                }
                Ok(vec![self.read(line, vec![word], None)?])
            }
            Subject::Kinds => {
                let kinds: Vec<String> = self.s.objects.iter().flat_map(|o| &o.kinds).map(|k| k.plural().into_owned()).collect();
                Ok(vec![self.read(line, vec![kinds.join(",")], None)?])
            }
            Subject::New => {
                let names = self.new_names(line);
                names.into_iter().map(|name| self.read(line, vec![name], None)).collect()
            }
            Subject::There(kinds) | Subject::Apart(kinds) | Subject::Bare(kinds) => {
                let targets = self.there(line, kinds)?;
                if line.subject != Subject::Bare(kinds) {
                    return targets.iter().map(|target| self.read(line, self.places(line, target), target.namespace().cloned())).collect();
                }
                Ok(vec![self.read(line, targets.iter().map(|t| t.name().to_string()).collect(), None)?])
            }
        }
    }

    /// "start a nginx pod": the name that stands where its image would is the image as well, and the question says so.
    fn image_by_name(&mut self, line: &Line) {
        if says(self.s, "image") {
            return;
        }
        let named = self.s.objects.iter().find(|o| o.before && o.names.len() == 1 && o.kinds.iter().any(|k| is(*k, "pods")));
        // "run 3 instances of nginx"
        let of_which = self.s.objects.iter().find(|o| o.kinds.is_empty() && o.names.len() == 1 && self.s.instances && !self.s.the);
        // "deploy redis", "create a deployment nginx": called as what everybody runs by that name.
        let called = if line.subject == Subject::New { self.new_names(line) } else { Vec::new() };
        let official = self.s.objects.iter().find(|o| o.names == called && matches!(called.as_slice(), [name] if official::is(name)));
        let named = match line.words {
            "run" => named.or(official),
            "create deployment" if line.act == Act::Deploy => of_which.or(official),
            "create deployment" => official,
            _ => None,
        };
        if let Some(object) = named {
            let name = object.names[0].clone();
            let why = "no image was said, and it is called so".to_string();
            self.find.assumed.push(crate::road::plan::Assumed { said: name.clone(), taken: format!("image {name}"), why });
            self.image = Some(name);
        }
    }

    fn what(&self, line: &Line) -> String {
        let name = self.s.objects.iter().flat_map(|o| o.names.iter()).next();
        let words = line.words.replace("configmap", "config map");
        match name {
            Some(name) => format!("{words} {name}"),
            None => words,
        }
    }

    fn places(&self, line: &Line, target: &Target) -> Vec<String> {
        match line.subject {
            Subject::Apart(_) => vec![target.kind().word().into_owned(), target.name().to_string()],
            _ => vec![target.slashed()],
        }
    }

    fn there(&mut self, line: &'static Line, kinds: &'static [&'static str]) -> Out<Vec<Target>> {
        let mut of: Vec<Object> = self.s.objects.iter().filter(|o| !self.said_as_a_role(line, o)).cloned().collect();
        if line.with.contains(&"for") {
            of.retain(|o| !o.names.is_empty());
        }
        let default_kinds: &[&str] = if self.find.scope.cluster || kinds.len() == 1 { kinds } else { &kinds[..1] };
        if let Some(node) = &self.s.node
            && kinds == ["node"]
        {
            of.push(Object { names: vec![node.clone()], ..Object::default() });
        }
        let only_those = matches!(line.subject, Subject::Bare(_) | Subject::Apart(_));
        let of_another = |o: &&Object| o.kinds.iter().any(|kind| !super::find::kinds(kinds).contains(kind));
        if let Some(other) = of.iter().find(of_another).filter(|_| only_those) {
            let (what, kind) = (line.words, other.kinds[0].word());
            return Err(self.ask(
                "name",
                format!("I understood that you want to {what} something, and a {kind} is nothing for that; which {}?", kinds[0]),
            ));
        }
        let mut found = Vec::new();
        for object in &of {
            if object.kinds.iter().any(|k| is(*k, "pods")) && object.before && (object.plural || self.find.scope.cluster) {
                let loose = Object { kinds: Vec::new(), ..object.clone() };
                self.of_object(&loose, default_kinds, &|_| None, &mut found)?;
            } else {
                self.of_object(object, default_kinds, &|_| None, &mut found)?;
            }
        }
        if found.is_empty() && self.s.it {
            found.push(self.last(None)?);
        }
        if found.is_empty() {
            let what = line.words;
            return Err(self.ask("name", format!("I understood that you want to {what} something; which object, by its name?")));
        }
        Ok(found)
    }

    /// Whether an object only says what a flag is to hold: the service account, the role of a binding.
    fn said_as_a_role(&self, line: &Line, object: &Object) -> bool {
        line.roles.iter().filter_map(|(role, _)| role.strip_prefix("kind:")).any(|plural| object.kinds.iter().any(|k| is(*k, plural)))
    }

    /// What the new objects shall be called: a name of the kind, or one that stands behind it ("a deployment for web"), unless that
    /// is who a binding is for.
    fn new_names(&self, line: &Line) -> Vec<String> {
        let binds = line.roles.iter().any(|(role, _)| *role == "user");
        if line.act == Act::Trigger {
            let called = self.s.values("service-name").into_iter().map(String::from);
            let jobs = self.s.objects.iter().filter(|o| o.kinds.iter().any(|k| is(*k, "jobs"))).flat_map(|o| o.names.iter().cloned());
            return called.chain(jobs).take(1).collect();
        }
        let fits =
            |o: &&Object| line.of.is_empty() || o.kinds.iter().any(|k| line.of.contains(&k.info().plural)) || o.kinds.is_empty() && !binds;
        // "a secret for the database": what it is for, and no name.
        let purpose = |o: &&Object| o.kinds.is_empty() && o.prep == Some(Sense::Of) && self.s.the;
        let named = self.s.objects.iter().filter(fits).find(|o| !o.names.is_empty() && !purpose(o));
        // "a role binding for ci using the admin role": kubectl's own examples name it after the role.
        let role = || {
            let whom = self.s.says("user") || self.s.says("group") || says(self.s, "kind:serviceaccounts") || !self.subjects("").is_empty();
            let of_role = |o: &&Object| !o.names.is_empty() && o.kinds.iter().any(|k| k.info().plural.ends_with("roles"));
            self.s.objects.iter().find(|o| binds && whom && of_role(o))
        };
        named.or_else(role).map_or_else(Vec::new, |o| o.names.iter().take(if binds { 1 } else { usize::MAX }).cloned().collect())
    }

    /// For whom a binding is, where names say it themselves: `user1`, `group1`. None where one of them says neither.
    fn subjects(&self, of: &str) -> Vec<String> {
        let bare = || self.s.objects.iter().filter(|o| o.kinds.is_empty()).flat_map(|o| &o.names);
        let all = bare().all(|name| subject_sort(name).is_some());
        bare().filter(|name| all && subject_sort(name).is_some_and(|sort| of.is_empty() || sort == of)).cloned().collect()
    }

    /// The line with its flags, read as an operation.
    fn read(&self, line: &Line, places: Vec<String>, namespace: Option<crate::ops::Namespace>) -> Out<Op> {
        let mut words: Vec<String> = line.words.split(' ').map(String::from).collect();
        words.extend(places);
        let mut behind: Vec<String> = Vec::new();
        let a_deployment = words.last().is_some_and(|word| word.starts_with("deployment/"));
        for (role, flag) in line.roles {
            let mut values = self.values(line, role);
            // Pods are ready; of a Deployment the condition is called so.
            if *role == "for" && a_deployment {
                values.iter_mut().filter(|v| v.eq_ignore_ascii_case("condition=ready")).for_each(|v| *v = "condition=available".into());
            }
            match *flag {
                "--" if behind.is_empty() => behind = values,
                "--" => {}
                // It says which line it is, and is no flag of it.
                "-" => {}
                "" => words.extend(values),
                "filename" => words.extend(values.iter().map(|file| match kustomization_of(file) {
                    Some(folder) => format!("--kustomize={folder}"),
                    None => format!("--filename={file}"),
                })),
                flags if values.iter().all(|v| v == "true") && !values.is_empty() => {
                    words.extend(flags.split(' ').map(|flag| format!("--{flag}")));
                }
                flag => match flag.strip_suffix('=') {
                    Some(flag) if !values.is_empty() => words.push(format!("--{flag}={}", values.join(","))),
                    Some(_) => {}
                    None => words.extend(values.iter().map(|value| format!("--{flag}={value}"))),
                },
            }
        }
        if let Some(namespace) = namespace.or_else(|| self.namespace.clone()) {
            words.push(format!("--namespace={namespace}"));
        } else if self.s.place == Some(Place::All) {
            words.push("--all-namespaces".into());
        }
        // "the yaml of a deployment named web": what would be made, and nothing is sent.
        if super::super::fill::written(self.s) && matches!(words[0].as_str(), "create" | "run") {
            words.extend(["--dry-run=client", "-o", "yaml"].map(String::from));
        }
        if !behind.is_empty() {
            words.push("--".into());
            words.extend(behind);
        }
        self.of_words(&words)
    }

    /// An operation from the words of its line.
    pub(super) fn of_words(&self, words: &[String]) -> Out<Op> {
        let (program, words) = match words.split_first() {
            Some((first, rest)) if first == "helm" => (Program::Helm, rest),
            _ => (Program::Kubectl, words),
        };
        Op::from_words(program, words).map_err(|e| {
            let said = words.iter().map(|w| argv::quoted(w)).collect::<Vec<_>>().join(" ");
            Step::ask("value", format!("I understood `kubectl {said}`, and that does not go: {e}"), Vec::new())
        })
    }

    /// What was said for a role of that line, as the flag has it.
    fn values(&self, line: &Line, role: &str) -> Vec<String> {
        let s = self.s;
        let strings = |values: Vec<&str>| values.into_iter().map(String::from).collect::<Vec<_>>();
        if let Some(plural) = role.strip_prefix("kind:") {
            let named = s.objects.iter().filter(|o| o.kinds.iter().any(|k| is(*k, plural)));
            let account = plural == "serviceaccounts" && line.act != Act::Set;
            let place = self.here().map_or_else(String::new, |ns| format!("{ns}:"));
            return named
                .flat_map(|o| o.names.iter())
                .map(|name| match (role, account) {
                    (_, true) if !name.contains(':') => format!("{place}{name}"),
                    ("kind:cronjobs", _) => format!("cronjob/{name}"),
                    _ => name.clone(),
                })
                .collect();
        }
        if let Some(always) = role.strip_prefix('=') {
            return vec![always.into()];
        }
        match role {
            "ports" => self.ports().iter().flat_map(|ports| ports.split(' ')).map(String::from).collect(),
            "tcp" => self.tcp().into_iter().collect(),
            "service-type" => s.values("type").first().map(|t| format!(r#"{{"spec":{{"type":"{t}"}}}}"#)).into_iter().collect(),
            "docker-username" | "docker-password" | "docker-server" | "docker-email" if line.words.ends_with("generic") => {
                let key = role.trim_start_matches("docker-");
                s.values(role).into_iter().map(|value| format!("{key}={value}")).collect()
            }
            "sort-by" if s.sorted_by_name => vec!["name".into()],
            "from-to" => self.ends_of_copy().into_iter().flatten().collect(),
            "chart" => strings(s.values("chart")).into_iter().chain(s.files.iter().cloned()).take(1).collect(),
            // The chart's own folder is no file of values.
            "files" if line.roles.iter().any(|(role, _)| *role == "chart") && s.values("chart").is_empty() => {
                s.files.iter().skip(1).cloned().collect()
            }
            "rule" => self.rules(),
            // "between 2 and 10"
            "min" => strings(s.values("min")).into_iter().take(1).collect(),
            "max" => strings(s.values("max")).into_iter().chain(strings(s.values("min")).into_iter().skip(1)).take(1).collect(),
            "revision" => s.revision.iter().map(ToString::to_string).collect(),
            "image" => {
                let given = strings(s.values("image"));
                let tagged = match (&s.image, &s.tag) {
                    (Some(image), Some(tag)) if !image.contains(':') => Some(format!("{image}:{tag}")),
                    (image, _) => image.clone(),
                };
                tagged.into_iter().chain(given).chain(self.image.clone()).collect()
            }
            "replicas" => match s.amount {
                Some(Amount::To(n)) => vec![n.to_string()],
                Some(_) | None => Vec::new(),
            },
            "all" => {
                if s.all && s.pairs.is_empty() && s.states.is_empty() {
                    vec!["true".into()]
                } else {
                    Vec::new()
                }
            }
            "every" => vec!["true".into()],
            "states" => s.states.iter().map(|state| super::reads::field_of(*state)).collect(),
            "pairs" if s.pairs.is_empty() => match (&s.label_key, &s.label_value) {
                (Some(key), Some(value)) if s.alter.is_some() => vec![format!("{key}={value}")],
                (Some(_) | None, _) => Vec::new(),
            },
            "pairs" => s.pairs.clone(),
            "user" | "group" if line.of.iter().any(|of| of.ends_with("bindings")) => {
                strings(s.values(role)).into_iter().chain(self.subjects(role)).collect()
            }
            // "remove the variable LOG_LEVEL"
            "env" if s.acts.contains(&Act::Delete) => s.values("env").into_iter().map(|key| format!("{key}-")).collect(),
            "container-image" => {
                let container = s.container.as_deref().unwrap_or("*");
                s.image.iter().map(|image| format!("{container}={image}")).collect()
            }
            // "removing the annotation note"
            "annotation" if s.acts.contains(&Act::Delete) => s.values("annotation").into_iter().map(|key| format!("{key}-")).collect(),
            // "the annotation note and the value text"
            "annotation" if s.label_value.is_some() && !s.values("annotation").iter().any(|v| v.contains('=')) => {
                let value = s.label_value.as_deref().unwrap_or_default();
                s.values("annotation").into_iter().map(|key| format!("{key}={value}")).collect()
            }
            "minus" => s.minus.iter().map(|key| format!("{key}-")).collect(),
            "files" => s.files.clone(),
            "folder" => s.files.iter().filter_map(|file| kustomization_of(file)).map(String::from).collect(),
            "output" => s.output.iter().map(ToString::to_string).collect(),
            "container" => s.container.clone().into_iter().collect(),
            "since" => s.since.clone().into_iter().collect(),
            "overwrite" => {
                if s.overwrite || s.change {
                    vec!["true".into()]
                } else {
                    Vec::new()
                }
            }
            "value" => s.label_value.clone().into_iter().chain(strings(s.values("value"))).collect(),
            "kinds" => s
                .objects
                .iter()
                .filter(|o| !line.of.iter().any(|of| o.kinds.iter().any(|k| is(*k, of))))
                .flat_map(|o| &o.kinds)
                .map(|k| k.plural().into_owned())
                .collect(),
            "names" => s.objects.iter().filter(|o| o.kinds.is_empty()).flat_map(|o| o.names.iter().cloned()).collect(),
            "verb" if s.everything && line.words == "auth can-i" => vec!["*".into(), "*".into()],
            "for" => strings(s.values("for"))
                .into_iter()
                .map(|what| condition(&what).map_or(what, String::from))
                .map(|what| if what.contains('=') || what == "delete" || what == "create" { what } else { format!("condition={what}") })
                .collect(),
            other => strings(s.values(other)),
        }
    }

    /// `LOCAL:REMOTE`, as far as both were said.
    fn ports(&self) -> Option<String> {
        let (ports, here, there) = (self.s.values("port"), self.s.values("local-port"), self.s.values("target-port"));
        if ports.len() > 1 && ports.iter().all(|port| port.contains(':')) {
            return Some(ports.join(" "));
        }
        let mut ports = ports.into_iter();
        let local = here.first().copied().or_else(|| ports.next());
        let remote = there.first().copied().or_else(|| ports.next());
        match (local, remote) {
            (Some(local), Some(remote)) => Some(format!("{local}:{remote}")),
            (one, other) => one.or(other).map(String::from),
        }
    }

    /// `PORT:TARGET` of a Service.
    fn tcp(&self) -> Option<String> {
        let (mut ports, there) = (self.s.values("port").into_iter(), self.s.values("target-port"));
        let port = ports.next()?;
        match there.first().copied().or_else(|| ports.next()) {
            Some(target) if !port.contains(':') => Some(format!("{port}:{target}")),
            Some(_) | None => Some(port.into()),
        }
    }

    /// A copy's two ends: the path inside is the one that stands with the pod.
    fn ends_of_copy(&self) -> Option<[String; 2]> {
        let s = self.s;
        let [first, second] = s.files.as_slice() else { return None };
        let places = [first, second].map(|file| file.contains(":/"));
        if places.iter().any(|place| *place) {
            return Some([first.clone(), second.clone()]);
        }
        let pod = s.objects.iter().flat_map(|o| &o.names).next()?;
        let inside = |path: &str| format!("{pod}:{path}");
        match s.out_of_pod {
            true => Some([inside(first), second.clone()]),
            false => Some([first.clone(), inside(second)]),
        }
    }

    /// The rules of an Ingress: those that were said whole, or one put together; a secret that was named is its certificate.
    fn rules(&self) -> Vec<String> {
        let whole: Vec<&str> = self.s.values("rule");
        if whole.len() > 1 && whole.iter().all(|rule| rule.contains('=')) {
            return whole.into_iter().map(String::from).collect();
        }
        self.rule().into_iter().collect()
    }

    /// `host/path=service:port`, put together from what was said of it; `None` where a part is missing.
    fn rule(&self) -> Option<String> {
        let s = self.s;
        let said = s.values("rule").first().copied().unwrap_or_default();
        let of = |plural: &str| s.objects.iter().filter(|o| o.kinds.iter().any(|k| is(*k, plural))).flat_map(|o| &o.names).next();
        let tls = of("secrets").map_or_else(String::new, |secret| format!(",tls={secret}"));
        if said.contains('=') {
            return Some(if said.contains(",tls") { said.into() } else { format!("{said}{tls}") });
        }
        let path = s.values("path").first().copied().unwrap_or(if said.contains('/') { "" } else { "/" });
        if !path.is_empty() && !path.starts_with('/') {
            return None;
        }
        let host = s.values("host").first().copied().unwrap_or_default();
        // "svc1:8080" has the form of an image.
        let service = s.image.clone().filter(|image| image.contains(':')).or_else(|| {
            let port = s.values("port").first().copied()?;
            Some(format!("{}:{port}", of("services")?))
        })?;
        let at = format!("{host}{said}{path}");
        let at = if at.contains('/') { at } else { format!("{at}/*") };
        Some(format!("{at}={service}{tls}"))
    }
}

/// A condition's type as Kubernetes writes it, whatever the case it was said in.
///
/// Source: the types of conditions of Pods, Deployments, Jobs and Nodes in `k8s.io/api`.
fn condition(said: &str) -> Option<&'static str> {
    const TYPES: &[&str] = &[
        "Ready",
        "Available",
        "Progressing",
        "Complete",
        "Failed",
        "Initialized",
        "PodScheduled",
        "ContainersReady",
        "Established",
        "Suspended",
    ];
    TYPES.iter().copied().find(|known| known.eq_ignore_ascii_case(said))
}
