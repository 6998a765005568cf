//! Certificates and credentials: Secrets that expire or hold nothing that can be read, requests that nobody answers.

use super::{
    finding::{Finding, Severity, rules},
    told,
};
use crate::experts::signals::words::span;
use crate::{
    facts::snapshot::{Ref, Snapshot, When, config::Secret, meta::condition},
    terms::certificate::Certificate,
};

rules! {
    EXPIRED = "tls-certificate-expired" Error 97 Supply "A certificate in a Secret has expired." reads ["Secret (dates of tls.crt)"] like "Secret web-tls: its TLS certificate expired on 2025-01-10";
    SOON = "tls-certificate-expires-soon" Warning 95 Supply "A certificate in a Secret expires within three weeks." reads ["Secret (dates of tls.crt)"] like "Secret web-tls: its TLS certificate expires on 2025-01-10, in 5 d";
    FUTURE = "tls-certificate-not-yet-valid" Error 93 Supply "A certificate in a Secret does not hold yet." reads ["Secret (dates of tls.crt)"] like "Secret web-tls: its TLS certificate is not valid before 2030-01-10";
    HOST = "tls-certificate-wrong-host" Warning 92 Network "The certificate of an Ingress is not for the host that it serves." reads ["Ingress.spec.tls", "Secret (hosts of tls.crt)"] like "Ingress web serves shop.example.com with a TLS certificate for other hosts: example.org";
    MALFORMED = "tls-secret-malformed" Error 94 Supply "A TLS Secret holds no certificate that can be read, or lacks a key." reads ["Secret (shape of tls.crt)"] like "Secret web-tls is malformed: tls.crt is no certificate that can be parsed";
    DOCKER = "registry-secret-malformed" Error 94 Supply "A Secret of registry credentials holds none." reads ["Secret (shape of .dockerconfigjson)"] like "Secret regcred is malformed: .dockerconfigjson holds no valid registry credentials";
    TOKEN = "service-account-token-waiting" Warning 88 Supply "A token Secret waits for its token: its ServiceAccount does not exist, or nobody makes tokens." reads ["Secret.type", "ServiceAccount"] like "Secret sa-token is waiting for its token: ServiceAccount sa does not exist or no controller filled it";
    TOKEN_EXPIRED = "bootstrap-token-expired" Warning 93 Supply "A bootstrap token has expired." reads ["Secret"] like "Secret bootstrap-token-abc has expired";
    PENDING = "certificate-request-pending" Warning 90 Supply "A CertificateSigningRequest waits for somebody's approval." reads ["CertificateSigningRequest.status"] like "CertificateSigningRequest web is pending: nobody has approved it";
    DENIED = "certificate-request-denied" Warning 95 Supply "A CertificateSigningRequest was denied or failed." reads ["CertificateSigningRequest.status.conditions"] like "CertificateSigningRequest web was denied: not allowed";
    EMPTY = "secret-malformed" Warning 88 Supply "A Secret lacks what its type promises, or holds what cannot be decoded." reads ["Secret (keys)"] like "Secret basic is malformed: type kubernetes.io/basic-auth without username or password";
}

/// The rules of certificates that end: an audit asks them, too.
pub(in crate::experts) static EXPIRY: &[&super::finding::Rule] = &[&EXPIRED, &SOON];

/// Certificates that have ended, or will soon.
pub(in crate::experts) fn ending(s: &Snapshot) -> Vec<Finding> {
    s.secrets.iter().filter_map(|secret| of_secret(s, secret)).filter(|f| EXPIRY.contains(&f.rule)).collect()
}

/// Within so many days a certificate is worth a word.
const SOON_DAYS: i64 = 21;

pub(super) fn find(s: &Snapshot, found: &mut Vec<Finding>) {
    for secret in &s.secrets {
        found.extend(of_secret(s, secret));
    }
    for ingress in &s.ingresses {
        for tls in &ingress.spec.tls {
            let Some(certificate) =
                s.secret(&ingress.meta.namespace, &tls.secret).and_then(|x| x.data.certificate.as_ref()?.certificate.as_ref())
            else {
                continue;
            };
            let missing: Vec<&str> = tls.hosts.iter().map(|h| &**h).filter(|h| !covers(certificate, h)).collect();
            if !missing.is_empty() && !certificate.hosts.is_empty() {
                let at = Ref::of("Ingress", &ingress.meta);
                found.push(
                    Finding::new(
                        &HOST,
                        at.clone(),
                        format!(
                            "serve(s) {} with a TLS certificate for other hosts: {}",
                            told::names(missing, 3),
                            told::names(certificate.hosts.iter().map(|h| &**h), 3)
                        ),
                    )
                    .saw(format!("spec.tls.secretName {}", tls.secret))
                    .by_hand(told::get(&Ref::new("Secret", &ingress.meta.namespace, &tls.secret))),
                );
            }
        }
    }
    for r in &s.requests {
        let at = Ref::of("CertificateSigningRequest", &r.meta);
        let bad = ["Denied", "Failed"].iter().find_map(|k| condition(&r.status.conditions, k).filter(|c| !c.fails()));
        if let Some(c) = bad {
            found.push(
                Finding::new(
                    &DENIED,
                    at.clone(),
                    format!("was {}: {} ({})", if &*c.kind == "Denied" { "denied" } else { "approved and failed" }, c.message, c.reason),
                )
                .saw(format!("status.conditions {}", c.quoted()))
                .by_hand(told::describe(&at)),
            );
        } else if r.status.conditions.is_empty()
            && r.meta.created.0.is_some()
            && !r.status.certificate.0
            && s.clock.older(r.meta.created, 120)
        {
            found.push(
                Finding::new(&PENDING, at.clone(), format!("is pending: nobody has approved it (signer {})", r.spec.signer))
                    .saw("status.conditions is empty")
                    .by_hand(format!("kubectl certificate approve {}", r.meta.name))
                    .fix(super::fix::op(&["kubectl", "certificate", "approve", &r.meta.name])),
            );
        }
    }
}

/// Whether a certificate is for a host; `*` stands for one label (RFC 6125).
fn covers(certificate: &Certificate, host: &str) -> bool {
    certificate.hosts.iter().any(|h| {
        h.eq_ignore_ascii_case(host)
            || h.strip_prefix("*.").is_some_and(|rest| host.split_once('.').is_some_and(|(_, tail)| tail.eq_ignore_ascii_case(rest)))
            || host.starts_with("*.") && h.eq_ignore_ascii_case(host)
    })
}

fn of_secret(s: &Snapshot, secret: &Secret) -> Option<Finding> {
    let at = Ref::of("Secret", &secret.meta);
    let has = |key: &str| secret.data.keys.has(key) || secret.text.has(key);
    let make = |rule, what: String| {
        Some(
            Finding::new(rule, at.clone(), what)
                .saw(format!("type {}, keys {}", secret.kind, told::names(secret.data.keys.names(), 6)))
                .by_hand(format!("kubectl describe secret {}{}", secret.meta.name, told::flag(&secret.meta.namespace))),
        )
    };
    if let Some(first) = secret.data.garbled.first() {
        return make(&EMPTY, format!("is malformed: the value of key {first} is invalid, it cannot be decoded (parse as base64)"));
    }
    match &*secret.kind {
        "kubernetes.io/tls" => {
            if !has("tls.crt") || !has("tls.key") {
                let lacks = if has("tls.crt") { "tls.key" } else { "tls.crt" };
                return make(&MALFORMED, format!("is malformed: a TLS Secret without {lacks}"));
            }
            let pem = secret.data.certificate.as_ref()?;
            match &pem.certificate {
                // An empty one is about to be filled by whoever made it.
                None if pem.set => make(&MALFORMED, "is malformed: its tls.crt is no TLS certificate that can be parsed".into()),
                None => None,
                Some(certificate) => expiry(s, secret, certificate),
            }
        }
        "kubernetes.io/dockerconfigjson" => match &secret.data.registries {
            None if !secret.text.has(".dockerconfigjson") => make(&DOCKER, "is malformed: it lacks .dockerconfigjson".into()),
            Some(Err(_)) => {
                make(&DOCKER, "is malformed: its .dockerconfigjson is invalid, no registry credentials can be parsed from it".into())
            }
            Some(Ok(hosts)) if hosts.is_empty() => make(&DOCKER, "holds no registry credentials: auths is empty".into()),
            None | Some(Ok(_)) => None,
        },
        "kubernetes.io/service-account-token" => {
            let account = secret.meta.annotation("kubernetes.io/service-account.name").unwrap_or_default();
            let waits = !has("token") && secret.meta.created.0.is_some() && s.clock.older(secret.meta.created, 60);
            let gone = s.knows("ServiceAccount", &secret.meta.namespace) && s.account(&secret.meta.namespace, account).is_none();
            let why = if gone { "which does not exist" } else { "and no controller has filled it" };
            if waits { make(&TOKEN, format!("is waiting for its token: it is for ServiceAccount {account}, {why}")) } else { None }
        }
        "kubernetes.io/basic-auth" if !has("username") && !has("password") => {
            make(&EMPTY, "is malformed: a Secret of basic authentication without username or password".into())
        }
        "kubernetes.io/ssh-auth" if !has("ssh-privatekey") => {
            make(&EMPTY, "is malformed: a Secret of SSH authentication without ssh-privatekey".into())
        }
        "bootstrap.kubernetes.io/token" => {
            let until = secret.data.until.0?;
            (until < s.clock.today).then(|| make(&TOKEN_EXPIRED, format!("has expired: the bootstrap token held until {until}"))).flatten()
        }
        _ => secret.data.certificate.as_ref().and_then(|p| p.certificate.as_ref()).and_then(|c| expiry(s, secret, c)),
    }
}

fn expiry(s: &Snapshot, secret: &Secret, c: &Certificate) -> Option<Finding> {
    let at = Ref::of("Secret", &secret.meta);
    let users: Vec<Ref> = s
        .ingresses
        .iter()
        .filter(|i| i.meta.namespace == secret.meta.namespace && i.spec.tls.iter().any(|t| t.secret == secret.meta.name))
        .map(|i| Ref::of("Ingress", &i.meta))
        .collect();
    let hosts = told::names(c.hosts.iter().map(|h| &**h), 3);
    let hosts = if hosts.is_empty() { String::new() } else { format!(" for {hosts}") };
    let make = |rule, what: String| {
        Finding::new(rule, at.clone(), what)
            .saw(format!("tls.crt: valid from {} until {}", c.from, c.until))
            .by_hand(format!("kubectl describe secret {}{}", secret.meta.name, told::flag(&secret.meta.namespace)))
            .explains(users.clone())
    };
    // An end that lies behind the dump is sure; one that only lies behind today is so for the certificate, whatever became of the cluster since.
    if c.until < s.clock.now {
        return Some(
            make(&EXPIRED, format!(": its TLS certificate{hosts} expired on {}", c.until.strftime("%Y-%m-%d"))).since(Some(c.until)),
        );
    }
    if c.until < s.clock.today {
        return Some(
            make(&EXPIRED, format!(": its TLS certificate{hosts} expired on {}, after the dump was taken", c.until.strftime("%Y-%m-%d")))
                .severity(Severity::Warning)
                .confidence(85)
                .since(Some(c.until)),
        );
    }
    if c.from > s.clock.today {
        return Some(make(&FUTURE, format!(": its TLS certificate{hosts} is not yet valid, it starts on {}", c.from.strftime("%Y-%m-%d"))));
    }
    let left = c.until.as_second() - s.clock.now.as_second();
    // One that is made for a short time is renewed shortly before its end: only when two thirds of it are over it is late.
    let whole = c.until.as_second() - c.from.as_second();
    (!s.clock.loose && left < SOON_DAYS * 86_400 && left * 3 < whole).then(|| {
        make(&SOON, format!(": its TLS certificate{hosts} expires on {}, in {}", c.until.strftime("%Y-%m-%d"), span(left)))
            .since(When(None).0)
    })
}
