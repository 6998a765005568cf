use super::*;
use serde_json::json;

fn line(text: &str) -> Op {
    let mut op = Op::from_line(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    op.verb_mut().place(&"default".parse().unwrap());
    op
}

fn judged_by(policy: &Policy, op: &Op, source: &Source, at: &str) -> (Verdict, Vec<String>) {
    let now = at.parse().unwrap();
    let calls = calls_unseen(op, now);
    let (verdict, reasons) = policy.judge(&Deed { op, source, calls: &calls, objects: Some(1), now });
    (verdict, reasons.into_iter().map(|r| r.id).collect())
}

fn judged(policy: &Policy, text: &str) -> (Verdict, Vec<String>) {
    judged_by(policy, &line(text), &Source::Line, "2026-11-20T12:00:00Z")
}

fn layer(whose: Whose, text: &str) -> Layer {
    Layer { whose, file: format!("{whose:?}.toml"), text: Ok(text.into()) }
}

fn with(text: &str) -> Policy {
    Policy::of_layers(&[layer(Whose::User, text)], false).unwrap_or_else(|e| panic!("{e}"))
}

fn rule(more: &str) -> String {
    format!("[[rule]]\nid = \"mine\"\nwhy = \"we said so\"\n{more}\n")
}

#[test]
fn every_built_in_rule_matches_its_examples_and_spares_the_others() {
    let checked = check(&[]).unwrap();
    let wrong: Vec<_> = checked.iter().filter(|c| !c.wrong.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked.iter().all(|c| c.examples > 0));
}

#[test]
fn the_built_in_rules_ask_what_they_always_asked() {
    let policy = Policy::built_in(false);
    for (text, verdict) in [
        ("kubectl get secrets -A", Verdict::Allow),
        ("kubectl scale deployment/web --replicas=0", Verdict::Confirm),
        ("kubectl create namespace dev", Verdict::Confirm),
        ("kubectl cordon n1", Verdict::Confirm),
        ("kubectl delete pod web", Verdict::Confirm),
        ("kubectl delete deployment web", Verdict::ConfirmTyped),
        ("kubectl delete ns dev", Verdict::ConfirmTyped),
        ("kubectl delete pvc data", Verdict::ConfirmTyped),
        ("kubectl delete pod coredns -n kube-system", Verdict::ConfirmTyped),
        ("kubectl delete rolebinding ci", Verdict::ConfirmTyped),
    ] {
        assert_eq!(judged(&policy, text).0, verdict, "{text}");
    }
}

#[test]
fn of_several_objects_the_one_that_needs_it_is_named() {
    let op = line("kubectl delete configmap/settings deployment/web");
    let deed = Deed { op: &op, source: &Source::Line, calls: &[], objects: None, now: Timestamp::UNIX_EPOCH };
    assert_eq!(Policy::built_in(false).named(&deed).unwrap().slashed(), "deployment/web");
}

fn seen(policy: &Policy, kind: &str, before: Option<&Value>, after: &Value) -> Vec<String> {
    let op = line(&format!("kubectl label {kind}/web a=b"));
    let call = Call::patch(&op.verb().targets()[0], PatchKind::Apply { force: false }, json!({}));
    let deed = Deed { op: &op, source: &Source::Line, calls: &[], objects: None, now: Timestamp::UNIX_EPOCH };
    policy.judge_image(&deed, &call, before, after).into_iter().map(|r| r.id).collect()
}

#[test]
fn power_is_seen_whichever_verb_gives_it() {
    let plain = json!({"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}});
    let mut privileged = plain.clone();
    privileged["spec"]["template"]["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    let policy = Policy::built_in(false);
    assert_eq!(seen(&policy, "deployment", None, &plain), Vec::<String>::new());
    assert_eq!(seen(&policy, "deployment", Some(&plain), &privileged), ["privileged"]);
    assert_eq!(seen(&policy, "deployment", Some(&privileged), &privileged), Vec::<String>::new(), "it had that power before");
    let binding = json!({"roleRef": {"name": "cluster-admin"}});
    assert_eq!(seen(&policy, "rolebinding", None, &binding), ["binds-cluster-admin"]);
}

#[test]
fn replicas_and_images_are_seen_in_what_an_apply_comes_to() {
    let policy = with(&format!(
        "{}{}",
        rule("need = \"forbid\"\nreplicas = { above = 10 }"),
        rule("need = \"forbid\"\nimages = [\"*:latest\", \"!*\"]").replace("mine", "spared")
    ));
    let of = |replicas: u64| json!({"spec": {"replicas": replicas, "template": {"spec": {"containers": [{"image": "nginx"}]}}}});
    assert_eq!(seen(&policy, "deployment", Some(&of(2)), &of(11)), ["mine"]);
    assert_eq!(seen(&policy, "deployment", Some(&of(11)), &of(11)), Vec::<String>::new());
    assert_eq!(judged(&policy, "kubectl scale deployment/web --replicas=11").0, Verdict::Forbid);
    assert_eq!(judged(&policy, "kubectl scale deployment/web --replicas=10").0, Verdict::Confirm);
    let policy = with(&rule("need = \"forbid\"\nimages = [\"*\", \"!registry.acme.io/*\"]"));
    assert_eq!(seen(&policy, "deployment", None, &of(1)), ["mine"]);
    let ours = json!({"spec": {"template": {"spec": {"containers": [{"image": "registry.acme.io/web:1"}]}}}});
    assert_eq!(seen(&policy, "deployment", None, &ours), Vec::<String>::new());
}

#[test]
fn a_policy_that_cannot_be_read_forbids_changes_and_not_reads() {
    let policy = Policy::closed("line 3: no such verdict");
    assert_eq!(judged(&policy, "kubectl scale deployment/web --replicas=2").0, Verdict::Forbid);
    assert_eq!(judged(&policy, "kubectl get pods").0, Verdict::Allow);
}

#[test]
fn circumstances_count() {
    let at = |context: &str| Circumstances { context: Some(context.into()), ..Circumstances::default() };
    let asks = |policy: Policy| judged(&policy, "kubectl scale deployment/web --replicas=2").0;
    assert_eq!(asks(Policy::built_in(false).under(at("gke_PROD-eu"))), Verdict::ConfirmTyped);
    assert_eq!(asks(Policy::built_in(false).under(at("kind-dev"))), Verdict::Confirm);
    let acting = Circumstances { acting_as: Some("admin".into()), ..Circumstances::default() };
    assert_eq!(asks(Policy::built_in(false).under(acting)), Verdict::ConfirmTyped);
    let reasoned = |text: &str| Circumstances { reason: Some(text.into()), ..Circumstances::default() };
    let wants = with(&rule("need = \"reason\""));
    assert_eq!(asks(wants.clone()), Verdict::Forbid);
    assert_eq!(asks(wants.clone().under(reasoned("  "))), Verdict::Forbid);
    assert_eq!(asks(wants.under(reasoned("too slow"))), Verdict::Confirm);
    let ticket = with(&rule("need = { ticket = '\\bOPS-[0-9]+\\b' }"));
    assert_eq!(asks(ticket.clone().under(reasoned("too slow"))), Verdict::Forbid);
    assert_eq!(asks(ticket.under(reasoned("OPS-12: too slow"))), Verdict::Confirm);
}

#[test]
fn who_proposes_and_when_count() {
    let scale = line("kubectl scale deployment/web --replicas=2");
    let by_model = with(&rule("need = \"forbid\"\nby = [\"model\"]"));
    let model = Source::Model { asked_to_look: false };
    assert_eq!(judged_by(&by_model, &scale, &model, "2026-11-20T12:00:00Z").0, Verdict::Forbid);
    assert_eq!(judged_by(&by_model, &scale, &Source::Words, "2026-11-20T12:00:00Z").0, Verdict::Confirm);
    let friday = with(&rule("need = \"forbid\"\nwhen = [{ days = [\"fri\"], hours = \"12:00-24:00\" }]"));
    assert_eq!(judged_by(&friday, &scale, &Source::Words, "2026-11-20T12:00:00Z").0, Verdict::Forbid);
    assert_eq!(judged_by(&friday, &scale, &Source::Words, "2026-11-20T11:59:00Z").0, Verdict::Confirm);
}

#[test]
fn all_that_is_given_holds_of_the_same_object() {
    let policy = with(&rule("need = \"forbid\"\nkinds = [\"deploy\"]\nnamespaces = [\"prod\"]\nnames = [\"web-*\"]"));
    for (text, verdict) in [
        ("kubectl scale deployment/web-1 --replicas=2 -n prod", Verdict::Forbid),
        ("kubectl scale deployment/web-1 --replicas=2 -n dev", Verdict::Confirm),
        ("kubectl scale deployment/db --replicas=2 -n prod", Verdict::Confirm),
        ("kubectl scale statefulset/web-1 --replicas=2 -n prod", Verdict::Confirm),
        ("kubectl label deployments --all a=b -n prod", Verdict::Forbid),
        ("kubectl label deployments -l x=y a=b -A", Verdict::Forbid),
        ("kubectl label pods --all a=b -n prod", Verdict::Confirm),
        ("kubectl get deployments -n prod", Verdict::Allow),
    ] {
        assert_eq!(judged(&policy, text).0, verdict, "{text}");
    }
    let reads = with(&rule("need = \"forbid\"\nkinds = [\"secrets\"]\nimpact = \"reads\""));
    assert_eq!(judged(&reads, "kubectl get secrets -n dev").0, Verdict::Forbid);
    assert_eq!(judged(&reads, "kubectl get pods -n dev").0, Verdict::Allow);
}

#[test]
fn layers_only_make_it_stricter_but_for_ones_own() {
    let production = "[[rule]]\nid = \"production\"\nwhy = \"ours are called live-*\"\nneed = \"confirm_typed\"\ncontexts = [\"live-*\"]\n";
    let at = Circumstances { context: Some("preprod".into()), ..Circumstances::default() };
    let own = Policy::of_layers(&[layer(Whose::User, production)], false).unwrap().under(at);
    assert_eq!(judged(&own, "kubectl scale deployment/web --replicas=2").0, Verdict::Confirm);
    let error = Policy::of_layers(&[layer(Whose::Project, production)], false).unwrap_err();
    assert!(error.contains("Project.toml: line 1: rule production is built in"), "{error}");
    let floor = "[[rule]]\nid = \"change\"\nwhy = \"no\"\nneed = \"allow\"\n";
    assert!(Policy::of_layers(&[layer(Whose::User, floor)], false).unwrap_err().contains("cannot be replaced"));
    // A rule that allows lowers nothing.
    let allows = with(&rule("need = \"allow\""));
    assert_eq!(judged(&allows, "kubectl delete ns dev").0, Verdict::ConfirmTyped);
    let twice = [layer(Whose::User, &rule("need = \"forbid\"")), layer(Whose::Project, &rule("need = \"allow\""))];
    assert!(Policy::of_layers(&twice, false).unwrap_err().contains("is there already, in User.toml"));
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    for (more, said) in [
        ("need = \"perhaps\"", "line 4"),
        ("need = \"forbid\"\nverbs = [\"destory\"]", "destory"),
        ("need = \"forbid\"\nkinds = [\"deploymnt\"]", "deploymnt"),
        ("need = \"forbid\"\nwhn = []", "whn"),
        ("need = \"forbid\"\nreplicas = { }", "below"),
        ("need = { ticket = \"(\" }", "pattern"),
        ("need = \"confirm\"\nimpact = \"reads\"", "only be forbidden"),
        ("need = \"forbid\"\nwhen = [{ zone = \"Mars/Base\" }]", "Mars"),
    ] {
        let error = Policy::of_layers(&[layer(Whose::User, &rule(more))], false).unwrap_err();
        assert!(error.contains("User.toml: line") && error.contains(said), "{more}: {error}");
    }
    let unreadable = Layer { whose: Whose::Project, file: "p.toml".into(), text: Err("permission denied".into()) };
    assert!(Policy::of_layers(&[unreadable], false).unwrap_err().contains("permission denied"));
}

#[test]
fn examples_are_tried() {
    let text = rule(
        "need = \"forbid\"\nverbs = [\"delete\"]\nmatches = [\"kubectl get pods\"]\nspares = [\"kubectl delete ns x\", \"kubectl frobnicate\"]",
    );
    let checked = check(&[layer(Whose::Project, &text)]).unwrap();
    assert_eq!(checked.last().unwrap().wrong.len(), 3, "{checked:?}");
}

#[test]
fn explained() {
    let at = Timestamp::UNIX_EPOCH;
    let told = explain(&Policy::built_in(false), &line("kubectl delete ns x"), &Source::Line, at);
    assert_eq!((told.verdict, told.reasons[0].id.as_str()), (Verdict::ConfirmTyped, "delete-namespace"));
    assert!(told.waiting.is_empty());
    let told = explain(&Policy::built_in(false), &line("kubectl apply -f x.yaml"), &Source::Line, at);
    assert!(told.waiting.contains(&"privileged".to_string()));
}

fn check_of(id: &str, expression: &str) -> String {
    format!("[[check]]\nid = \"{id}\"\nkinds = [\"deployments\"]\nmessage = \"m\"\nexpression = '''{expression}'''\n")
}

#[test]
fn checks_of_one_s_own_are_read_in_layers() {
    let good = check_of("own-images", "object.spec.replicas > 1");
    let own = Layer { whose: Whose::User, file: "mine.toml".into(), text: Ok(good.clone()) };
    let project = |text: String| Layer { whose: Whose::Project, file: "theirs.toml".into(), text: Ok(text) };
    // The project can add, and cannot take one's own away.
    let more = check_of("own-images", "true || object.spec.replicas > 1") + &check_of("more", "has(object.spec)");
    let all = object_rules(&[own.clone(), project(more)]).unwrap();
    assert_eq!(all.iter().map(|rule| rule.id()).collect::<Vec<_>>(), ["own-images", "more"]);
    assert_eq!(all[0].expression().to_string(), "object.spec.replicas > 1");
    // What is wrong is told with the file and the line, by the policy too: a file that cannot be read forbids changes.
    let broken = format!("{good}\n{}", check_of("broken", "object.spec.replicas >"));
    for why in [object_rules(&[project(broken.clone())]).unwrap_err(), check(&[project(broken)]).unwrap_err()] {
        assert!(why.starts_with("theirs.toml: line 11: ") && why.contains("no expression of CEL"), "{why}");
    }
    let twice = object_rules(&[project(good.clone() + &good)]).unwrap_err();
    assert!(twice.contains("line 6: check own-images is there already"), "{twice}");
}
