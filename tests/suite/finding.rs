//! Questions over the objects of the built-in cluster, in words: which rows come, what is said above them, and what is said where nobody may look.

use crate::support::{
    face::Person,
    wire::{Act, Seen},
};

const OBJECTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: ghcr.io/acme/web:1.4
        livenessProbe: {httpGet: {port: 80, path: /up}}
        resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 100m, memory: 64Mi}}
        securityContext: {runAsNonRoot: true}
        env:
        - {name: COLOUR, value: verysecretblue}
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
      - {name: side, image: busybox, args: [sleep, "60"]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: lone}
spec:
  replicas: 1
  selector: {matchLabels: {app: lone}}
  template:
    metadata: {labels: {app: lone}}
    spec:
      containers:
      - {name: lone, image: "nginx:1.27", securityContext: {privileged: true}, resources: {limits: {cpu: "1", memory: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: nowhere}
spec: {selector: {app: gone}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {password: verysecretword}
---
apiVersion: v1
kind: Secret
metadata: {name: forgotten}
stringData: {password: verysecretword}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: leftover}
data: {a: b}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: waits}
spec: {accessModes: [ReadWriteOnce], storageClassName: nowhere, resources: {requests: {storage: 1Gi}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: killer}
rules: [{apiGroups: [""], resources: [pods], verbs: [delete]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ann-kills}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: killer}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}]
"#;

/// The lines of an answer, words parted by one space.
async fn lines(person: &Person, said: &str) -> Vec<String> {
    let heard = person.says("shop", &[said]).await;
    assert_eq!(heard.code, 0, "{said}: {}", heard.text);
    assert!(!heard.text.contains("verysecret"), "{said}: {}", heard.text);
    heard.text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect()
}

async fn shop(person: &Person) {
    person.namespace("shop").await;
    let file = person.file("shop.yaml", OBJECTS);
    let flags = aiops::faces::args::Global { yes: true, confirm: Some("web".into()), ..Default::default() };
    let heard = person.says_with("shop", &[&format!("kubectl create -f {}", file.display())], flags).await;
    assert!([0, 3].contains(&heard.code), "{}", heard.text);
    assert!(person.object("rolebinding", "ann-kills", "shop").await.is_some(), "{}", heard.text);
}

#[tokio::test]
async fn questions_are_answered_with_rows_that_say_why() {
    let person = Person::on_built_in().await;
    shop(&person).await;
    for (said, asked, rows) in [
        ("deployments without limits", "deployments in namespace shop without a cpu or memory limit", &["web side none"][..]),
        ("which deployments have fewer than 2 replicas", "deployments in namespace shop with less than 2 replicas", &["lone 1"]),
        ("deployments that use image nginx", "deployments in namespace shop using image nginx", &["lone lone nginx:1.27"]),
        (
            "deployments with images not from ghcr.io",
            "deployments in namespace shop not from registry ghcr.io",
            &["lone lone nginx:1.27", "web side busybox"],
        ),
        ("deployments using the latest tag", "deployments in namespace shop using tag latest", &["web side busybox"]),
        ("deployments running as privileged", "deployments in namespace shop running as privileged", &["lone lone yes"]),
        (
            "deployments running as root",
            "deployments in namespace shop that may run as root",
            &["lone lone whom its image says", "web side whom its image says"],
        ),
        (
            "deployments without a liveness probe",
            "deployments in namespace shop without a liveness probe",
            &["lone lone none", "web side none"],
        ),
        ("services nobody uses", "services in namespace shop that nothing uses", &["nowhere nothing"]),
        ("secrets not mounted", "secrets in namespace shop that nothing uses", &["forgotten nothing"]),
        ("unused configmaps", "configmaps in namespace shop that nothing uses", &["leftover nothing"]),
        ("images of deployment web", "images of deployment web in namespace shop", &["web side busybox", "web web ghcr.io/acme/web:1.4"]),
        ("resource limits of the lone deployment", "limits of deployment lone in namespace shop", &["lone lone cpu=1,memory=1Gi"]),
        (
            "environment variables of web",
            "environment variables of deployment web in namespace shop",
            &["web web COLOUR", "web web PASSWORD ← secret/db:password"],
        ),
        ("what uses secret db", "users of secret db in namespace shop", &["db deployment/web"]),
        ("configmaps nobody uses", "configmaps in namespace shop that nothing uses", &["leftover nothing"]),
        ("pods without a readiness probe", "pods in namespace shop without a readiness probe", &[]),
        ("pvcs not bound", "persistentvolumeclaims in namespace shop not in phase Bound", &["waits Pending"]),
        ("deployments where `spec.replicas < 2`", "deployments in namespace shop where `spec.replicas < 2`", &["lone 1"]),
        (
            "deployments where spec.template.spec.containers.exists(c, !has(c.resources.limits))",
            "deployments in namespace shop where `spec.template.spec.containers.exists(c, !has(c.resources.limits))`",
            &["web 2 of them"],
        ),
        (
            "secrets where has(data.password) && metadata.name != 'db'",
            "secrets in namespace shop where `has(data.password) && metadata.name != \"db\"`",
            &["forgotten forgotten"],
        ),
    ] {
        let lines = lines(&person, said).await;
        // A long question goes on in the next line.
        assert!(lines.iter().any(|line| line == asked) || lines.join(" ").contains(&format!("{asked} ")), "{said}: {lines:#?}");
        for row in rows {
            // Pods that a controller made use it too.
            assert!(lines.iter().any(|line| line == row || line.starts_with(&format!("{row},"))), "{said}: {row}: {lines:#?}");
        }
    }
}

#[tokio::test]
async fn an_empty_list_says_of_how_many() {
    let person = Person::on_built_in().await;
    shop(&person).await;
    let lines = lines(&person, "deployments with more than 9 replicas").await;
    assert!(lines.iter().any(|line| line == "none of 2"), "{lines:#?}");
}

#[tokio::test]
async fn who_may_do_what() {
    let person = Person::on_built_in().await;
    shop(&person).await;
    let lines = lines(&person, "who can delete pods in shop").await;
    assert!(lines.iter().any(|line| line == "User ann shop all rolebinding/ann-kills role/killer"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("system:masters")), "{lines:#?}");
}

/// Who may not list a kind does not learn that there is nothing.
#[tokio::test]
async fn what_nobody_may_see_is_no_empty_list() {
    const DENIED: &str =
        r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"pods is forbidden"}"#;
    for (said, path) in [
        ("services nobody uses", "/pods"),
        ("services nobody uses", "/ingresses"),
        ("secrets not mounted", "/serviceaccounts"),
        ("deployments without limits", "/deployments"),
        ("who can delete pods", "/rolebindings"),
    ] {
        let (person, _simulator, wire) = Person::over_a_wire().await;
        shop(&person).await;
        let at = move |seen: &Seen| seen.method == "GET" && seen.path.ends_with(path);
        wire.next(at, Act::Answer(403, DENIED));
        let heard = person.says("shop", &[said]).await;
        assert_eq!(heard.code, 1, "{said}: {}", heard.text);
        assert!(heard.text.contains("forbidden") && !heard.text.contains("none of"), "{said}: {}", heard.text);
    }
}

#[tokio::test]
async fn what_narrows_a_change_is_never_left_out_of_it() {
    let person = Person::on_built_in().await;
    shop(&person).await;
    for said in [
        "delete all pods using tag latest",
        "restart deployments without limits",
        "delete all secrets nobody uses",
        "delete all jobs that completed",
    ] {
        let heard = person.says("shop", &[said]).await;
        assert_ne!(heard.code, 0, "{said}: {}", heard.text);
        assert!(person.object("secret", "db", "shop").await.is_some() && person.object("deployment", "web", "shop").await.is_some());
    }
    let heard = person.says("shop", &["delete all pods using tag latest"]).await;
    assert!(heard.text.contains("aiops find pods --where=latest -n shop"), "{}", heard.text);
}
