use super::*;
use proptest::prelude::*;
use serde_json::json;

fn made(template: &str) -> String {
    let pods = json!({"kind": "List", "items": [
        {"kind": "Pod", "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "web", "x": "<1>"}},
         "spec": {"containers": [{"name": "c1", "image": "i1"}, {"name": "c2", "image": "i2"}]}, "status": {"n": 3, "ready": true}},
        {"kind": "Pod", "metadata": {"name": "b"}, "spec": {"containers": [{"name": "c3", "image": "i3"}]}, "status": {"n": 5}}]});
    match Template::parse(template).and_then(|t| t.text(&pods)) {
        Ok(text) => text,
        Err(e) => format!("! {e}"),
    }
}

#[test]
fn what_templates_make() {
    for (template, want) in [
        ("{.items[*].metadata.name}", "a b"),
        ("{$.items[0].metadata.name}", "a"),
        ("{@.kind}", "List"),
        ("{.items[-1].metadata.name}", "b"),
        ("{.items[0:2].metadata.name}", "a b"),
        ("{.items[::2].metadata.name}", "a"),
        ("{.items[*]['metadata.name','status.n']}", "a b 3 5"),
        ("{.items[0].spec.containers[0,1].name}", "c1 c2"),
        ("{range .items[*]}{.metadata.name}={.status.n};{end}!", "a=3;b=5;!"),
        ("{range .items[*]}[{range .spec.containers[*]}{.name} {end}]{end}", "[c1 c2 ][c3 ]"),
        ("{.items[?(@.metadata.name==\"b\")].status.n}", "5"),
        ("{.items[?(@.status.n>3)].metadata.name}", "b"),
        ("{.items[?(@.status.ready)].metadata.name}", "a"),
        ("{.items[?(@.status.ready==true)].metadata.name}", "a"),
        ("{.items[*].metadata.labels.app\\.kubernetes\\.io/name}", "web"),
        ("{..image}", "i1 i2 i3"),
        ("{.items[0].metadata.labels}", r#"{"app.kubernetes.io/name":"web","x":"\u003c1\u003e"}"#),
        ("{\"tab\\t\"}{'it''s'}", "tab\ts"),
        ("plain", "plain"),
        ("{.nothing}{.items[*].nothing}", ""),
        ("{.items[5]}", "! array index out of bounds: index 5, length 2"),
        ("{.kind[0]}", "! string is not array or slice"),
        ("{end}", "! not in range, nothing to end"),
        ("{.items[*]", "! unclosed action"),
        ("{.items[a]}", "! invalid array index a"),
        ("{.items[?(@.n=~1)]}", "! unrecognized filter operator ="),
    ] {
        assert_eq!(made(template), want, "{template}");
    }
}

#[test]
fn relaxed_paths_need_no_braces() {
    for path in ["metadata.name", ".metadata.name", "{.metadata.name}", "{metadata.name}"] {
        assert_eq!(Template::relaxed(path).unwrap().text(&json!({"metadata": {"name": "a"}})).unwrap(), "a", "{path}");
    }
    assert!(Template::relaxed("{.a").is_err() && Template::relaxed(".a}").is_err());
}

#[test]
fn quantities_sort_by_what_they_are_worth() {
    let path = Template::relaxed(".v").unwrap();
    let sorted = |values: Vec<Value>| sorted(values.into_iter().map(|v| (sort_key(&path, &json!({"v": v})).unwrap(), v)).collect());
    assert_eq!(sorted(vec![json!("1Gi"), json!("200Mi"), json!("1k")]).unwrap(), [json!("1k"), json!("200Mi"), json!("1Gi")]);
    assert_eq!(sorted(vec![json!(10), json!(9)]).unwrap(), [json!(9), json!(10)]);
    assert!(sorted(vec![json!(true), json!(false)]).is_err());
    assert_eq!(super::sorted(vec![(sort_key(&path, &json!({})).unwrap(), 1)]), Err(Unsortable::NoField));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[{}\\[\\]?()@$.*,:'\"\\\\ a-c0-2=<!+-]{0,40}", free in ".{0,20}") {
        let value = json!({"a": [{"b": 1, "c": "x"}, null, [1, 2]], "b": {"a": true}});
        for template in [text.clone(), format!("{{{text}}}"), format!("{{.a[{text}]}}"), format!("{{.a[?({text})]}}"), format!("{{'{free}'}}")] {
            if let Ok(template) = Template::parse(&template) {
                let _ = template.text(&value);
                let _ = template.json(&value);
            }
        }
    }
}
