//! Pod Security: what a namespace's labels forbid pods. Source: `pod-security-admission/policy`, the checks of the newest version.
use crate::simulator::{
    cluster::Cluster,
    json::{list, text, yes},
    store::Key,
};
use crate::terms::pod_standards::{BASELINE_CAPABILITIES, SAFE_SYSCTLS, SELINUX_TYPES};
use serde_json::Value;
use std::collections::BTreeSet;

const LABEL: &str = "pod-security.kubernetes.io/";
const PROFILES: &[&str] = &["RuntimeDefault", "Localhost"];
const VOLUMES: &[&str] =
    &["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret", "image"];

/// What a pod is told: why it may not be, and what it is warned of.
pub(super) struct Verdict {
    pub(super) refusal: Option<String>,
    pub(super) warning: Option<String>,
}

/// Judges a pod, or (`template`) a workload by its template, which is never refused but warned.
pub(super) fn judge(cluster: &Cluster, namespace: &str, pod: &Value, template: bool) -> Verdict {
    let key = Key::new(cluster.kinds.namespace, "", namespace);
    let label = |name: &str| cluster.store.stored(&key).and_then(|s| s.label(&format!("{LABEL}{name}"))).map(str::to_owned);
    let policy = |mode: &str| {
        let level = label(mode)?;
        Some((level, label(&format!("{mode}-version")).unwrap_or_else(|| "latest".to_owned())))
    };
    let said = |how: &str, policy: Option<(String, String)>| {
        let (level, version) = policy?;
        let broken = match level.as_str() {
            "privileged" => return None,
            "baseline" => broken(pod, false),
            _ => broken(pod, true),
        };
        (!broken.is_empty()).then(|| format!("{how} PodSecurity \"{level}:{version}\": {}", broken.join(", ")))
    };
    let enforced = policy("enforce");
    let refusal = if template { None } else { said("violates", enforced.clone()) };
    // Nobody is warned of what they are refused for. A workload is warned by what its pods will meet.
    let warned = policy("warn").or_else(|| enforced.filter(|_| template));
    let warning = if refusal.is_none() { said("would violate", warned) } else { None };
    Verdict { refusal, warning }
}

fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
}

fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// `container "a"`, `containers "a", "b"`.
fn containers(names: &[&str]) -> String {
    format!("{} {}", plural("container", names.len()), quoted(names.iter().copied()))
}

/// The pod and its containers, looked at for one field.
struct Look<'p> {
    pod: &'p Value,
    containers: Vec<&'p Value>,
}

impl<'p> Look<'p> {
    /// The names of the containers that are wrong.
    fn wrong(&self, wrong: impl Fn(&'p Value) -> bool) -> Vec<&'p str> {
        self.containers.iter().filter(|c| wrong(c)).map(|c| text(c, "/name")).collect()
    }

    /// Who says something wrong in a security context (`pod and container "a"`), where pod and containers may both say it.
    fn said(&self, wrong: impl Fn(&'p Value) -> bool) -> Option<String> {
        let inside = |holder: &'p Value, at: &str| holder.pointer(at).is_some_and(&wrong);
        let bad = self.wrong(|c| inside(c, "/securityContext"));
        let pod = inside(self.pod, "/spec/securityContext").then(|| "pod".to_owned());
        let who: Vec<String> = pod.into_iter().chain((!bad.is_empty()).then(|| containers(&bad))).collect();
        (!who.is_empty()).then(|| who.join(" and "))
    }

    /// Values of a security context's field that stand somewhere and are not known.
    fn unknown(&self, field: &str, known: &[&str]) -> BTreeSet<&'p str> {
        let pod = self.pod.pointer(&format!("/spec/securityContext{field}"));
        let all = self.containers.iter().filter_map(|c| c.pointer(&format!("/securityContext{field}")));
        pod.into_iter().chain(all).filter_map(Value::as_str).filter(|v| !known.contains(v)).collect()
    }

    /// The containers for which neither they nor the pod say a field.
    fn silent(&self, field: &str, enough: impl Fn(&Value) -> bool) -> Vec<&'p str> {
        if self.pod.pointer(&format!("/spec/securityContext{field}")).is_some_and(enough) {
            return Vec::new();
        }
        self.wrong(|c| c.pointer(&format!("/securityContext{field}")).is_none())
    }
}

/// Each broken rule as `what (who and how)`, in the order of the checks' names.
fn broken(pod: &Value, restricted: bool) -> Vec<String> {
    let lists = ["/spec/initContainers", "/spec/containers", "/spec/ephemeralContainers"];
    let look = Look { pod, containers: lists.iter().flat_map(|l| list(pod, l)).collect() };
    let mut out = Vec::new();
    let mut add = |what: String, detail: String| out.push(format!("{what} ({detail})"));
    let users = pod.pointer("/spec/hostUsers") == Some(&Value::Bool(false));
    let word = |v: &Value, at: &str, known: &[&str]| v.pointer(at).and_then(Value::as_str).is_some_and(|w| !known.contains(&w));

    let bad = look.unknown("/appArmorProfile/type", PROFILES);
    if let Some(who) = look.said(|s| word(s, "/appArmorProfile/type", PROFILES)) {
        let what = plural("forbidden AppArmor profile", bad.len());
        add(what, format!("{who} must not set AppArmor profile type to {}", quoted(bad)));
    }
    let added = |c: &'_ Value, known: &[&str]| -> Vec<String> {
        let all = list(c, "/securityContext/capabilities/add").iter().filter_map(Value::as_str);
        all.filter(|name| !known.contains(name)).map(str::to_owned).collect()
    };
    let adders = |known: &[&str]| {
        let who = look.wrong(|c| !added(c, known).is_empty());
        let what: BTreeSet<String> = look.containers.iter().flat_map(|c| added(c, known)).collect();
        let what = quoted(what.iter().map(String::as_str));
        (!who.is_empty()).then(|| format!("{} must not include {what} in securityContext.capabilities.add", containers(&who)))
    };
    if let Some(detail) = adders(BASELINE_CAPABILITIES).filter(|_| !restricted) {
        add("non-default capabilities".to_owned(), detail);
    }
    let spaces = ["hostNetwork", "hostPID", "hostIPC"].map(|f| yes(pod, &format!("/spec/{f}")).then(|| format!("{f}=true")));
    let spaces: Vec<String> = spaces.into_iter().flatten().collect();
    if !spaces.is_empty() {
        add("host namespaces".to_owned(), spaces.join(", "));
    }
    let volumes: Vec<&Value> = list(pod, "/spec/volumes").iter().collect();
    let host: Vec<&str> = volumes.iter().filter(|v| v.get("hostPath").is_some()).map(|v| text(v, "/name")).collect();
    if !host.is_empty() && !restricted {
        add("hostPath volumes".to_owned(), format!("{} {}", plural("volume", host.len()), quoted(host)));
    }
    let host_ports =
        |c: &Value| -> Vec<i64> { list(c, "/ports").iter().filter_map(|p| p["hostPort"].as_i64()).filter(|p| *p != 0).collect() };
    let who = look.wrong(|c| !host_ports(c).is_empty());
    if !who.is_empty() {
        let mut ports: Vec<String> = look.containers.iter().flat_map(|c| host_ports(c)).map(|p| p.to_string()).collect();
        ports.sort();
        ports.dedup();
        let verb = if who.len() == 1 { "uses" } else { "use" };
        add("hostPort".to_owned(), format!("{} {verb} {} {}", containers(&who), plural("hostPort", ports.len()), ports.join(", ")));
    }
    let hosts = |c: &Value| -> Vec<String> {
        let handlers = ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle/postStart", "lifecycle/preStop"];
        let actions = handlers.iter().flat_map(|h| ["httpGet", "tcpSocket"].map(|a| text(c, &format!("/{h}/{a}/host")).to_owned()));
        actions.filter(|h| !matches!(h.as_str(), "" | "127.0.0.1" | "::1")).collect()
    };
    let who = look.wrong(|c| !hosts(c).is_empty());
    if !who.is_empty() {
        let all: BTreeSet<String> = look.containers.iter().flat_map(|c| hosts(c)).collect();
        let verb = if who.len() == 1 { "uses" } else { "use" };
        let what = plural("probe or lifecycle host", all.len());
        add("probe or lifecycle host".to_owned(), format!("{} {verb} {what} {}", containers(&who), quoted(all.iter().map(String::as_str))));
    }
    let who = look.wrong(|c| yes(c, "/securityContext/privileged"));
    if !who.is_empty() {
        add("privileged".to_owned(), format!("{} must not set securityContext.privileged=true", containers(&who)));
    }
    let mount = |c: &Value| !matches!(text(c, "/securityContext/procMount"), "" | "Default");
    let mounts = look.wrong(mount);
    let kinds: BTreeSet<&str> = look.containers.iter().filter(|c| mount(c)).map(|c| text(c, "/securityContext/procMount")).collect();
    let masks = format!("{} must not set securityContext.procMount to {}", containers(&mounts), quoted(kinds));
    if !mounts.is_empty() && !restricted && !users {
        add("procMount".to_owned(), masks.clone());
    }
    let labels = |s: &Value| {
        let at = |f: &str| !text(s, &format!("/seLinuxOptions/{f}")).is_empty();
        word(s, "/seLinuxOptions/type", SELINUX_TYPES) || at("user") || at("role")
    };
    if let Some(who) = look.said(labels) {
        let types = look.unknown("/seLinuxOptions/type", SELINUX_TYPES);
        let mut how: Vec<String> =
            (!types.is_empty()).then(|| format!("{} {}", plural("type", types.len()), quoted(types))).into_iter().collect();
        for field in ["user", "role"] {
            if !look.unknown(&format!("/seLinuxOptions/{field}"), &[""]).is_empty() {
                how.push(format!("{field} may not be set"));
            }
        }
        add("seLinuxOptions".to_owned(), format!("{who} set forbidden securityContext.seLinuxOptions: {}", how.join("; ")));
    }
    let seccomp = look.said(|s| word(s, "/seccompProfile/type", PROFILES));
    let seccomp = seccomp.map(|who| {
        let types = look.unknown("/seccompProfile/type", PROFILES);
        format!("{who} must not set securityContext.seccompProfile.type to {}", quoted(types))
    });
    if let Some(detail) = seccomp.clone().filter(|_| !restricted) {
        add("seccompProfile".to_owned(), detail);
    }
    let sysctls = list(pod, "/spec/securityContext/sysctls").iter().map(|s| text(s, "/name")).filter(|name| !SAFE_SYSCTLS.contains(name));
    let sysctls: Vec<&str> = sysctls.collect();
    if !sysctls.is_empty() {
        add("forbidden sysctls".to_owned(), sysctls.join(", "));
    }
    if !restricted {
        return out;
    }

    let who = look.wrong(|c| c.pointer("/securityContext/allowPrivilegeEscalation") != Some(&Value::Bool(false)));
    if !who.is_empty() {
        let detail = format!("{} must set securityContext.allowPrivilegeEscalation=false", containers(&who));
        add("allowPrivilegeEscalation != false".to_owned(), detail);
    }
    let who = look.wrong(|c| !list(c, "/securityContext/capabilities/drop").iter().any(|d| d == "ALL"));
    let dropped = (!who.is_empty()).then(|| format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", containers(&who)));
    let details: Vec<String> = dropped.into_iter().chain(adders(&["NET_BIND_SERVICE"])).collect();
    if !details.is_empty() {
        add("unrestricted capabilities".to_owned(), details.join("; "));
    }
    if !mounts.is_empty() {
        add("procMount".to_owned(), masks);
    }
    let source = |v: &Value| v.as_object().and_then(|m| m.keys().find(|k| *k != "name").cloned()).unwrap_or_default();
    let bad: Vec<&&Value> = volumes.iter().filter(|v| !VOLUMES.contains(&source(v).as_str())).collect();
    if !bad.is_empty() {
        let kinds: BTreeSet<String> = bad.iter().map(|v| source(v)).collect();
        let verb = if bad.len() == 1 { "uses" } else { "use" };
        let names = quoted(bad.iter().map(|v| text(v, "/name")));
        let what = plural("restricted volume type", kinds.len());
        let who = format!("{} {names}", plural("volume", bad.len()));
        add("restricted volume types".to_owned(), format!("{who} {verb} {what} {}", quoted(kinds.iter().map(String::as_str))));
    }
    let (field, what) = ("/runAsNonRoot", "runAsNonRoot != true");
    let who = look.silent(field, |v| *v == true);
    match look.said(|s| s["runAsNonRoot"] == false) {
        _ if users => {}
        Some(who) => add(what.to_owned(), format!("{who} must not set securityContext.runAsNonRoot=false")),
        None if who.is_empty() => {}
        None => add(what.to_owned(), format!("pod or {} must set securityContext.runAsNonRoot=true", containers(&who))),
    }
    if let Some(who) = look.said(|s| s["runAsUser"] == 0).filter(|_| !users) {
        add("runAsUser=0".to_owned(), format!("{who} must not set runAsUser=0"));
    }
    let who = look.silent("/seccompProfile", |v| PROFILES.contains(&text(v, "/type")));
    let silent = format!("pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"", containers(&who));
    match seccomp {
        Some(detail) => add("seccompProfile".to_owned(), detail),
        None if who.is_empty() => {}
        None => add("seccompProfile".to_owned(), silent),
    }
    out
}
