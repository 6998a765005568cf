//! What expressions come to, and that every one of them comes to an end.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::time::{Duration, Instant};

const NOW: &str = "2026-01-10T00:00:00Z";

fn ask(text: &str, object: &Value, secret: bool) -> Result<bool, String> {
    let expression: Expression = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    held(&expression, object, secret, NOW.parse().unwrap(), &Budget::default())
}

fn web() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web", "app.kubernetes.io/name": "shop"}, "creationTimestamp": "2026-01-09T00:00:00Z"},
        "spec": {"replicas": 1, "paused": false, "template": {"spec": {"containers": [
            {"name": "main", "image": "ghcr.io/acme/web:1.4", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}, "args": ["a", "b"]},
            {"name": "side", "image": "busybox", "resources": {}},
        ]}}},
        "status": {"ratio": 0.5},
    })
}

#[test]
fn what_holds_and_what_does_not() {
    for (text, so) in [
        ("spec.replicas < 2", true),
        ("spec.replicas >= 2", false),
        ("spec.replicas == 1.0", true),
        ("!spec.paused", true),
        ("spec.paused ? false : spec.replicas != 3", true),
        ("metadata.name == 'web' && kind in ['Deployment', 'StatefulSet']", true),
        ("metadata.labels['app.kubernetes.io/name'] == 'shop'", true),
        ("'app' in metadata.labels && !('tier' in metadata.labels)", true),
        ("has(spec.strategy)", false),
        ("has(metadata.labels.app)", true),
        ("spec.template.spec.containers.exists(c, !has(c.resources.limits))", true),
        ("spec.template.spec.containers.all(c, has(c.resources.limits))", false),
        ("spec.template.spec.containers.exists_one(c, c.image.startsWith('ghcr.io/'))", true),
        ("spec.template.spec.containers.filter(c, c.image.contains(':')).size() == 1", true),
        ("'busybox' in spec.template.spec.containers.map(c, c.image)", true),
        ("spec.template.spec.containers.map(c, c.name) == ['main', 'side']", true),
        ("spec.template.spec.containers[0].image.matches('^ghcr[.]io/.*:[0-9.]+$')", true),
        ("quantity(spec.template.spec.containers[0].resources.limits.memory) > quantity('512Mi')", true),
        ("quantity(spec.template.spec.containers[0].resources.limits.cpu) == 0.5", true),
        ("seconds(metadata.creationTimestamp) == 86400", true),
        ("metadata.labels.exists(k, k.endsWith('/name'))", true),
        ("size(metadata.labels) == 2 && metadata.name.upperAscii() == 'WEB'", true),
        ("int('3') + 4 * 2 - 1 == 10 && 7 % 4 == 3 && 7 / 2 == 3 && -spec.replicas == -1", true),
        ("object.kind == 'Deployment'", true),
        ("status.ratio > 0.4 && 'a' + 'b' == 'ab'", true),
        // What decides does so whatever the other side comes to.
        ("spec.nothing == 1 || spec.replicas == 1", true),
        ("spec.nothing == 1 && spec.replicas == 2", false),
        ("spec.template.spec.containers.exists(c, c.args.size() == 2)", true),
    ] {
        assert_eq!(ask(text, &web(), false), Ok(so), "{text}");
    }
}

#[test]
fn what_cannot_be_worked_out_is_told() {
    for (text, why) in [
        ("spec.nothing < 2", "no field nothing"),
        ("spec.replicas < 'two'", "cannot be held against"),
        ("spec.replicas", "not true or false"),
        ("spec.replicas / 0 == 1", "cannot be asked"),
        ("9223372036854775807 + spec.replicas > 0", "cannot be asked"),
        ("spec.template.spec.containers[7].name == 'x'", "no place 7"),
        ("metadata.name.matches('(')", "no pattern"),
        ("spec.template.spec.containers.all(c, c.args.size() == 2)", "no field args"),
        ("quantity(metadata.name) > 1.0", "no quantity"),
    ] {
        let came = ask(text, &web(), false);
        assert!(came.as_ref().is_err_and(|said| said.contains(why)), "{text}: {came:?}");
    }
}

#[test]
fn what_is_no_expression_is_refused_before_anything_is_read() {
    for (text, why) in [
        ("", "missing"),
        ("spec.replicas <", "no expression"),
        ("replicas < 2", "nothing an object begins with"),
        ("spec", "says nothing"),
        ("true", "says nothing"),
        ("spec.x.replace('a', 'b') == 'c'", "not known here"),
        ("env('HOME') == ''", "not known here"),
        ("{'a': 1} == spec", "cannot be made"),
        ("b'x' == spec.x", "bytes"),
        ("other.exists(c, c.spec.x)", "nothing an object begins with"),
        ("spec.a.exists(c, d.x)", "nothing an object begins with"),
    ] {
        let came = text.parse::<Expression>();
        assert!(came.as_ref().is_err_and(|said| said.contains(why)), "{text}: {came:?}");
    }
    assert!("spec.x == 'a'".repeat(200).parse::<Expression>().is_err());
}

#[test]
fn no_value_of_a_secret_is_in_reach() {
    let secret = json!({"kind": "Secret", "metadata": {"name": "db"}, "type": "Opaque", "data": {"password": "aHVudGVyMg=="}, "stringData": {"pin": "1234"}});
    for (text, so) in [
        ("has(data.password)", true),
        ("has(object.data.user)", false),
        ("'password' in data", true),
        ("data.exists(k, k == 'password')", true),
        ("data.size() == 1 && type == 'Opaque'", true),
    ] {
        assert_eq!(ask(text, &secret, true), Ok(so), "{text}");
    }
    for text in [
        "data.password.startsWith('a')",
        "data['password'] == 'x'",
        "object.data.password == 'x'",
        "object['data']['password'] == 'x'",
        "data.exists(k, data[k] == 'x')",
        "data.exists(k, v, v == 'x')",
        "object.exists(k, v, k == 'data' && v.password == 'x')",
        "stringData.pin == '1'",
        "object.stringData.pin == '1'",
        "data == data",
        "object == object",
        "data in [data]",
        "[object].map(o, o.data)[0].password == 'x'",
        "size(data.password) > 2",
    ] {
        let said = ask_or_refused(text, &secret);
        assert!(
            said.is_err_and(|why| why.contains("out of reach")
                || why.contains("nothing an object begins with")
                || why.contains("not known here")),
            "{text}"
        );
    }
    assert_eq!(cell(&secret, "data.password", true), "none");
}

fn ask_or_refused(text: &str, object: &Value) -> Result<bool, String> {
    let expression: Expression = text.parse()?;
    held(&expression, object, true, NOW.parse().unwrap(), &Budget::default())
}

#[test]
fn hostile_ones_come_to_an_end() {
    let many: Vec<u32> = (0..50_000).collect();
    let long = "a".repeat(500_000);
    let object = json!({"spec": {"l": many, "s": long, "m": [[1, 2], [3, 4]]}});
    let begun = Instant::now();
    let mut texts: Vec<String> = [
        "spec.l.exists(a, spec.l.exists(b, spec.l.exists(c, a + b + c < 0)))",
        "spec.l.all(a, spec.l.all(b, a + b >= 0 || true))",
        "spec.l.map(a, spec.l).size() == 3",
        "spec.l.map(a, spec.l.map(b, spec.s)) == spec.l.map(a, spec.l.map(b, spec.s))",
        "[spec.s].map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a).map(a, a + a)[0] == 'x'",
        "[[spec.s]].map(a, [a, a, a, a]).map(a, [a, a, a, a]).map(a, [a, a, a, a]).map(a, [a, a, a, a]) == [spec.l]",
        "spec.l.exists(a, spec.s.contains('b'))",
        "spec.l.exists(a, spec.s.matches('(a*)*b'))",
        "spec.s.matches('(a?){1000}a{1000}')",
        "spec.s.matches('((((a{100}){100}){100}){100}){100}')",
        "spec.l.exists(a, spec.s.matches(string(a) + '(\\\\w{50}){20}'))",
        "spec.l.exists(a, spec.l == spec.l.map(b, b + 1))",
        "spec.s + spec.s + spec.s + spec.s + spec.s + spec.s == spec.s",
        "spec.l.filter(a, true).filter(a, true).exists(a, spec.l.filter(b, true).size() < 0)",
    ]
    .map(String::from)
    .to_vec();
    for open in ["(", "!", "-", "[", "spec.", "1+", "spec.l.map(a,", "spec.a||", "true?", "{", "\"", "'''"] {
        texts.push(open.repeat(990 / open.len()));
        texts.push(format!("{}spec.a", open.repeat(900 / open.len())));
        texts.push(format!("{}spec.a{}", open.repeat(400 / open.len()), ")".repeat(400 / open.len())));
    }
    let budget = Budget::default();
    for text in &texts {
        let one = Instant::now();
        if let Ok(expression) = text.parse::<Expression>() {
            let _ = held(&expression, &object, false, NOW.parse().unwrap(), &budget);
            assert!(expression.to_string().parse::<Expression>().is_ok(), "{text}");
        }
        assert!(one.elapsed() < Duration::from_secs(20), "{text}");
    }
    // However many objects there are, the steps of a question are counted together.
    let endless: Expression = "spec.l.exists(a, spec.l.exists(b, a + b < 0))".parse().unwrap();
    let told: Vec<_> = (0..2_000).map(|_| held(&endless, &object, false, NOW.parse().unwrap(), &budget)).collect();
    assert!(
        told.iter().all(Result::is_err) && told.last().unwrap().as_ref().is_err_and(|why| why.contains("so many objects")),
        "{:?}",
        told.last()
    );
    assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());
}

#[test]
fn one_is_kept_as_it_was_meant() {
    for (text, kept) in [
        ("`spec.replicas < 2`", "spec.replicas < 2"),
        ("metadata.name == 'web'", "metadata.name == \"web\""),
        ("metadata.name == \"it's\"", "metadata.name == \"it's\""),
        ("spec.a\n  && spec.b", "spec.a   && spec.b"),
    ] {
        assert_eq!(text.parse::<Expression>().unwrap().to_string(), kept);
    }
    let fields = |text: &str| text.parse::<Expression>().unwrap().fields();
    assert_eq!(fields("spec.replicas < 2 && has(spec.paused) && spec.l.exists(a, a.b == spec.x)"), ["spec.replicas", "spec.l", "spec.x"]);
}

/// Expressions of all sorts over the fields of an object.
fn any_expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "spec.replicas",
        "metadata.name",
        "spec.template.spec.containers",
        "metadata.labels",
        "status.nothing",
        "2",
        "'web'",
        "0.5",
        "true",
        "null",
        "object",
    ])
    .prop_map(String::from);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let two =
            (inner.clone(), prop::sample::select(vec!["<", "==", "!=", "&&", "||", "+", "-", "*", "/", "%", "in", ">="]), inner.clone());
        prop_oneof![
            two.prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.clone().prop_map(|a| format!("size({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}).exists(x, x == {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}).map(x, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    #[test]
    fn it_comes_to_what_the_library_comes_to(text in any_expression()) {
        // The library cannot be stopped, and so is not what is asked; where both have an answer it is the same.
        let Ok(expression) = text.parse::<Expression>() else { return Ok(()) };
        let ours = held(&expression, &web(), false, NOW.parse().unwrap(), &Budget::default());
        let mut context = cel::Context::with_env(std::sync::Arc::new(cel::Env::stdlib()));
        for (name, value) in web().as_object().unwrap() {
            context.add_variable_from_value(name.as_str(), crate_value(value));
        }
        context.add_variable_from_value("object", crate_value(&web()));
        let theirs = cel::Program::compile(&expression.to_string()).unwrap().execute(&context);
        if let (Ok(ours), Ok(cel::Value::Bool(theirs))) = (ours, theirs) {
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>(), like in "[a-z.()<>!&|'\"\\[\\]{}?:,+*/ 0-9-]{0,60}") {
        for text in [text, like.clone(), format!("spec.{like}")] {
            if let Ok(expression) = text.parse::<Expression>() {
                let _ = held(&expression, &web(), true, NOW.parse().unwrap(), &Budget::default());
                let again: Expression = expression.to_string().parse().unwrap();
                prop_assert_eq!(again, expression);
            }
        }
    }
}

fn crate_value(value: &Value) -> cel::Value {
    cel::to_value(value).unwrap()
}
