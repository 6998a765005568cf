//! Whether it takes away what the person at the keyboard works with: a binding that binds them, their service account.
//! Sources: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/> (subjects; `system:masters` is above all bindings).

use super::{Findings, Sight, list, text};
use crate::{
    facts::Facts,
    ops::{Action, Call, Kind, Lookup},
};
use serde_json::{Value, json};

fn who_am_i() -> Call {
    let kind = Kind::built_in("selfsubjectreviews");
    Call::create(kind, None, json!({"apiVersion": kind.api_version(), "kind": kind.info().kind}))
}

fn is_binding(call: &Call) -> bool {
    call.is_about("rolebindings", "rbac.authorization.k8s.io") || call.is_about("clusterrolebindings", "rbac.authorization.k8s.io")
}

/// Whether somebody may be cut off by it.
fn cuts(call: &Call) -> bool {
    let ends = matches!(call.action, Action::Delete { .. });
    match is_binding(call) {
        true => ends || matches!(call.action, Action::Patch(..) | Action::Replace(_)),
        false => ends && (call.is_about("serviceaccounts", "") || call.is_about("namespaces", "")),
    }
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    if cuts(call) { vec![who_am_i()] } else { Vec::new() }
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(before) = sight.before.filter(|_| cuts(sight.call)) else { return };
    let me = match sight.facts.look(&who_am_i()) {
        Lookup::Known(review) => review,
        Lookup::Missing => return findings.unchecked.push("whether it is your own access: the server does not say who you are".into()),
        Lookup::NotChecked(why) => return findings.unchecked.push(format!("whether it is your own access: {why}")),
    };
    let user = text(&me, "/status/userInfo/username");
    let groups: Vec<&str> = list(&me, "/status/userInfo/groups").iter().filter_map(Value::as_str).collect();
    if is_binding(sight.call) {
        let bound = |object: &Value| list(object, "/subjects").iter().find_map(|subject| is_me(subject, user, &groups));
        let stays = sight.after.is_some_and(|after| bound(after).is_some() && after["roleRef"] == before["roleRef"]);
        if let Some(how) = bound(before).filter(|_| !stays && !groups.contains(&"system:masters")) {
            findings.typed(
                "own-access",
                format!("it binds you yourself ({how}): you may lose the access you work with, also the access to undo this"),
            );
        }
        return;
    }
    let (namespace, name) = (text(before, "/metadata/namespace"), text(before, "/metadata/name"));
    let mine = match sight.call.is_about("namespaces", "") {
        true => user.starts_with(&format!("system:serviceaccount:{name}:")),
        false => user == format!("system:serviceaccount:{namespace}:{name}"),
    };
    if mine {
        findings.typed("own-access", format!("you are logged in as {user}: that ends with it"));
    }
}

/// How a subject means the person, if it does.
fn is_me(subject: &Value, user: &str, groups: &[&str]) -> Option<String> {
    let name = text(subject, "/name");
    let is = match text(subject, "/kind") {
        "User" => name == user,
        "Group" => groups.contains(&name),
        "ServiceAccount" => user == format!("system:serviceaccount:{}:{name}", text(subject, "/namespace")),
        _ => false,
    };
    is.then(|| format!("{} {name}", text(subject, "/kind").to_lowercase()))
}
