//! As whom pods speak to the API server: ServiceAccounts and their tokens.

use super::{
    fixes,
    table::checks,
    unit::{Unit, home},
};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot};

checks! {
    TOKEN = "token-mounted" Warning 85 "The ServiceAccount's token is mounted, though few programs speak to the API server." reads ["spec.automountServiceAccountToken", "ServiceAccount.automountServiceAccountToken"] like "Deployment web mounts a ServiceAccount token" same_as ["polaris/automountServiceAccountToken"];
    DEFAULT = "default-service-account" Info 85 "Pods run as the namespace's default ServiceAccount: what it is once given, all of them have." reads ["spec.serviceAccountName"] like "Deployment web runs as the default ServiceAccount" same_as ["kube-linter/default-service-account"];
    OLD = "service-account-field-deprecated" Info 97 "serviceAccount is the old name of serviceAccountName." reads ["spec.serviceAccount"] like "Deployment web uses the deprecated field serviceAccount" same_as ["kube-linter/deprecated-service-account-field"];
    MISSING = "service-account-not-found" Warning 90 "Pods want a ServiceAccount that does not exist: none of them can be made." reads ["spec.serviceAccountName", "ServiceAccount"] like "Deployment web runs as ServiceAccount api, which is not there" same_as ["kube-linter/non-existent-service-account"];
    ROLE_ARN = "iam-role-arn-malformed" Error 92 "The IAM role of a ServiceAccount (EKS) is no ARN of a role, so that pods get no credentials." reads ["ServiceAccount.metadata.annotations"] like "ServiceAccount api names an IAM role that is no ARN" same_as [];
}

/// The annotation of IAM roles for service accounts, `docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html`.
const ROLE: &str = "eks.amazonaws.com/role-arn";

/// `arn:aws:iam::123456789012:role/name`, of any partition.
fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [scheme, partition, service, region, account, resource] = parts[..] else { return false };
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    scheme == "arn"
        && partition.starts_with("aws")
        && service == "iam"
        && region.is_empty()
        && digits
        && resource.len() > 5
        && resource.starts_with("role/")
}

pub(super) fn find(s: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        let named = if u.spec.account.is_empty() { &u.spec.old_account } else { &u.spec.account };
        let name = if named.is_empty() { "default" } else { named };
        let account = s.account(&u.meta.namespace, name);
        // The pod's word goes before the account's; both silent means that it is mounted.
        if u.spec.token.or(account.and_then(|a| a.token)).unwrap_or(true) {
            let seen = match u.spec.token {
                Some(_) => "spec.automountServiceAccountToken is true".to_string(),
                None => format!("neither the pod nor ServiceAccount {name} sets automountServiceAccountToken to false"),
            };
            let fix = fixes::no_token(s, u, name);
            let found = u.found(&TOKEN, "mounts a ServiceAccount token").saw(seen);
            // What a token may be shown to beside the API server (a vault) nobody can see here.
            let why = fix.as_ref().map(|_| format!("no binding gives rights to ServiceAccount {name}"));
            out.push(found.saw_all(why).fix(fix));
        }
        if name == "default" {
            out.push(u.found(&DEFAULT, "runs as the default ServiceAccount").saw("spec.serviceAccountName"));
        } else if account.is_none() && (!s.live || s.knows("ServiceAccount", &u.meta.namespace)) {
            let missing = u.found(&MISSING, format!("runs as ServiceAccount {name}, which is not there"));
            let missing = missing.saw(format!("there is no ServiceAccount {name} in {}", home(&u.meta.namespace)));
            out.push(super::references::softer(s, "ServiceAccount", &u.meta.namespace, missing));
        }
        if !u.spec.old_account.is_empty() && u.spec.account.is_empty() {
            out.push(
                u.found(&OLD, "uses the deprecated field serviceAccount").saw(format!("spec.serviceAccount is {}", u.spec.old_account)),
            );
        }
    }
    for account in &s.accounts {
        if let Some(arn) = account.meta.annotation(ROLE).filter(|arn| !is_role(arn)) {
            let at = Ref::of("ServiceAccount", &account.meta);
            out.push(Finding::new(&ROLE_ARN, at, "names an IAM role that is no ARN").saw(format!("{ROLE} is {arn:?}")));
        }
    }
}
