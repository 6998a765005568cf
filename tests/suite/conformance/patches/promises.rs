//! What apply promises, whatever the object: checked on the built-in cluster alone.
use super::{
    Side, Step,
    cases::{Case, Dice, manifests},
    edits, normal,
};
use aiops::terms::fields::{Element, FieldSet};
use serde_json::{Value, json};

fn owned(object: &Value, manager: &str) -> FieldSet {
    let entries = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let mine = entries.iter().filter(|entry| entry["manager"] == *manager && entry["operation"] == "Apply");
    mine.fold(FieldSet::default(), |all, entry| all.union(FieldSet::read(&entry["fieldsV1"]).unwrap()))
}

/// What is at a place of an object, if there is something.
fn found<'a>(object: &'a Value, path: &[Element]) -> Option<&'a Value> {
    path.iter().try_fold(object, |at, step| match step {
        Element::Field(name) => at.get(name),
        Element::Key(keys) => {
            let fits = |item: &&Value| keys.iter().all(|(name, value)| item.get(name) == Some(&value.0));
            at.as_array()?.iter().find(fits)
        }
        Element::Value(value) => at.as_array()?.iter().find(|item| **item == value.0),
        Element::Index(n) => at.get(usize::try_from(*n).ok()?),
    })
}

/// Nobody has what is not there; but for what was asked for and is nothing, and what is only ever written (`stringData`).
fn all_is_there(object: &Value, asked: &Value) {
    for entry in object["metadata"]["managedFields"].as_array().into_iter().flatten() {
        for path in FieldSet::read(&entry["fieldsV1"]).unwrap().leaves().paths() {
            let nothing = [json!(null), json!({}), json!([])];
            let excused = path.first() == Some(&Element::field("stringData")) || found(asked, &path).is_some_and(|v| nothing.contains(v));
            let text = aiops::terms::fields::path_text(&path);
            assert!(excused || found(object, &path).is_some(), "{} has {text}, which is not in {object}", entry["manager"]);
        }
    }
}

fn apply(case: &Case, config: &Value, manager: &str, force: bool) -> Step {
    let query = format!("fieldManager={manager}&force={force}");
    Step { method: "PATCH", name: case.name.clone(), query, content: "application/apply-patch+yaml", body: config.clone() }
}

#[tokio::test]
async fn apply_keeps_its_promises() {
    let side = Side::built_in().await;
    let manifests = manifests();
    let mut dice = Dice::new(7);
    let (mut removed, mut refused) = (0, 0);
    for seed in 1..=60 {
        let (case, config) = Case::with_object(seed, &manifests);
        let send = async |step: &Step| {
            let (code, body) = side.send(&case.collection, step).await;
            all_is_there(&body, &step.body);
            (code, normal(body, &side.ns))
        };
        let (code, made) = send(&apply(&case, &config, "first", false)).await;
        assert_eq!(code, 201, "{seed}: {made}");

        let (_, again) = send(&apply(&case, &config, "first", false)).await;
        assert_eq!(made, again, "{seed}: applying again is applying once");

        // Labels of its own come and go; those of others stay.
        let mut theirs =
            json!({"apiVersion": config["apiVersion"], "kind": config["kind"], "metadata": {"name": case.name, "labels": {"theirs": "1"}}});
        let (code, shared) = send(&apply(&case, &theirs, "second", false)).await;
        assert_eq!(code, 200, "{seed}: {shared}");
        assert_eq!(owned(&shared, "first"), owned(&made, "first"), "{seed}: what another adds takes nothing");
        let mut with = config.clone();
        edits::make(&mut with, &edits::label("mine", "1"));
        send(&apply(&case, &with, "first", false)).await;
        let (_, without) = send(&apply(&case, &config, "first", false)).await;
        assert_eq!(
            (&without["metadata"]["labels"]["mine"], &without["metadata"]["labels"]["theirs"]),
            (&Value::Null, &json!("1")),
            "{seed}"
        );
        removed += 1;

        // What the first has, the second gets only by force; then the first has it no more.
        edits::make(&mut with, &edits::label("theirs", "2"));
        let (code, conflict) = send(&apply(&case, &with, "first", false)).await;
        assert_eq!((code, &conflict["reason"]), (409, &json!("Conflict")), "{seed}");
        assert_eq!(conflict["details"]["causes"][0]["field"], ".metadata.labels.theirs", "{seed}");
        let (_, now) = send(&Step { method: "GET", name: case.name.clone(), ..Step::create(&Value::Null) }).await;
        assert_eq!(now, without, "{seed}: a conflict changes nothing");
        refused += 1;
        let (code, forced) = send(&apply(&case, &with, "first", true)).await;
        assert_eq!(code, 200, "{seed}: {forced}");
        assert!(owned(&forced, "second").is_empty(), "{seed}");
        theirs["metadata"]["labels"]["theirs"] = "2".into();
        let (code, both) = send(&apply(&case, &theirs, "second", false)).await;
        assert_eq!((code, owned(&both, "second").paths().len()), (200, 1), "{seed}: the same value is no conflict");

        // Any part of the configuration, applied instead of it, leaves an object whose owners own what is there.
        let mut part = config.clone();
        edits::thin(&mut dice, &mut part);
        let (code, less) = send(&apply(&case, &part, "first", true)).await;
        if code == 200 {
            let (_, same) = send(&apply(&case, &part, "first", true)).await;
            assert_eq!(less, same, "{seed}: applying less again is applying it once");
        }
    }
    println!("{removed} removals, {refused} conflicts");
}
