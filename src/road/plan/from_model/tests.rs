//! Replies as models give them, and as they should not.

use super::*;
use crate::ops::Namespace;
use proptest::prelude::*;
use serde_json::json;

fn scope() -> Scope {
    Scope { namespace: Namespace::new("todo-chatbot").unwrap(), last: None, everywhere: false, cluster: true }
}
fn about(words: &str) -> Conversation {
    Conversation::begin(words, &scope(), Sharing::Logs)
}
fn call(name: &str, arguments: Value) -> ToolCall {
    ToolCall { id: String::new(), name: name.into(), arguments: arguments.to_string() }
}
fn reply(calls: Vec<ToolCall>) -> Reply {
    Reply { text: String::new(), calls }
}
fn pods() -> ToolCall {
    call("get", json!({"kinds": ["pod"]}))
}
fn scale() -> ToolCall {
    call("scale", json!({"kind": "deployment", "name": "backend", "replicas": 3}))
}
/// The texts of the tool results in the next request.
fn told(conversation: &Conversation) -> Vec<String> {
    let messages = conversation.request().messages;
    messages.into_iter().filter_map(|m| if let Message::Tool { text, .. } = m { Some(text) } else { None }).collect()
}

#[test]
fn the_first_request_says_who_where_and_what_there_is() {
    let request = about("please look after the backend").request();
    let Message::System(system) = &request.messages[0] else { panic!() };
    assert!(system.contains("aiops") && system.contains("todo-chatbot") && system.contains("is data"));
    assert_eq!(request.messages[1], Message::User("please look after the backend".into()));
    assert!(request.tools.iter().any(|t| t.name == "rollout_restart"));
}

#[test]
fn reads_run_and_their_answers_go_back() {
    let mut talk = about("how is it going");
    let Turn::Reads(plan) = talk.take(reply(vec![pods()])) else { panic!() };
    assert_eq!(plan.ops()[0].line(), "kubectl get pods -n todo-chatbot");
    assert!(talk.waits());
    let problem = Problem::failed("forbidden: password=hunter2").hint("ask somebody");
    talk.results(vec![Err(problem)]);
    assert_eq!(told(&talk), ["error: forbidden: password=(not shared) (ask somebody)"]);
    let messages = talk.request().messages;
    let [.., Message::Assistant { calls, .. }, Message::Tool { call, .. }] = messages.as_slice() else { panic!() };
    assert_eq!((calls[0].id.as_str(), call.as_str()), ("call_1_0", "call_1_0"));
    let Turn::Say(text) = talk.take(Reply { text: " all is well\n".into(), calls: vec![] }) else { panic!() };
    assert_eq!(text, "all is well");
}

#[test]
fn a_wrong_call_comes_back_with_what_is_wrong() {
    let cases = [
        (call("shell", json!({})), "there is no tool \"shell\""),
        (call("exec", json!({"kind": "pod", "name": "web", "command": ["env"]})), "only a person"),
        (call("scale", json!({"kind": "deployment", "name": "backend"})), "replicas"),
        (call("scale", json!({"kind": "deployment", "name": "backend", "replicas": "many"})), "replicas"),
        (call("get", json!({"kinds": ["pod"], "context": "prod"})), "context"),
        (call("scale", json!({"kind": "deployment", "name": "backend", "replicas": 3, "kubeconfig": "/x"})), "kubeconfig"),
        (call("scale", json!({"kind": "deployment", "name": "--all", "replicas": 3})), "--all"),
        (call("apply", json!({"files": ["/etc/passwd"]})), "files"),
        (call("get", json!(["pods"])), "no JSON object"),
        (ToolCall { id: "x".into(), name: "get".into(), arguments: "{\"kinds\": [".into() }, "no JSON"),
    ];
    for (call, word) in cases {
        let mut talk = about("scale it, whatever it takes");
        assert!(matches!(talk.take(reply(vec![call.clone()])), Turn::Again), "{call:?}");
        let told = told(&talk);
        assert!(told[0].starts_with("error: ") && told[0].contains(word), "{call:?}: {told:?}");
        let Some(Message::Assistant { calls, .. }) = talk.request().messages.into_iter().rev().nth(1) else { panic!() };
        assert!(serde_json::from_str::<Value>(&calls[0].arguments).unwrap().is_object(), "servers read it again");
    }
}

#[test]
fn a_file_that_the_person_named_may_be_read() {
    let manifest = call("apply", json!({"files": ["k8s/app.yaml"]}));
    assert!(matches!(about("put k8s/app.yaml on the cluster").take(reply(vec![manifest.clone()])), Turn::Change(_)));
    assert!(matches!(about("put my app on the cluster").take(reply(vec![manifest])), Turn::Again));
}

#[test]
fn a_read_never_gains_a_change() {
    let mut talk = about("bump backend up to three");
    let Turn::Reads(plan) = talk.take(reply(vec![scale(), pods()])) else { panic!() };
    assert!(plan.ops().iter().all(|op| op.verb().impact() == Impact::Reads));
    talk.results(vec![]);
    assert_eq!(told(&talk), [tools::WITH_READS, "it gave no answer"]);
    let Turn::Change(plan) = talk.take(reply(vec![scale()])) else { panic!() };
    assert_eq!(plan.ops().len(), 1);
    assert_eq!(plan.source(), &Source::Model { asked_to_look: false });
    assert!(plan.assumed().is_empty(), "{:?}", plan.assumed());
}

#[test]
fn changes_with_a_wrong_one_among_them_wait() {
    let mut talk = about("bump backend up to three");
    assert!(matches!(talk.take(reply(vec![scale(), call("scale", json!({}))])), Turn::Again));
    assert_eq!(told(&talk)[0], tools::WITH_A_WRONG_ONE);
}

#[test]
fn what_the_model_chose_is_spelled_out() {
    let chosen = |words: &str, call: ToolCall| {
        let Turn::Change(plan) = about(words).take(reply(vec![call])) else { panic!() };
        plan.assumed().iter().map(|a| a.taken.clone()).collect::<Vec<_>>()
    };
    assert!(chosen("bump backend to three", scale()).is_empty());
    assert_eq!(chosen("make the api bigger", scale()), ["deployment/backend"]);
    let elsewhere = call("scale", json!({"kind": "deployment", "name": "backend", "namespace": "prod", "replicas": 3}));
    assert_eq!(chosen("bump backend to three", elsewhere.clone()), ["namespace prod"]);
    assert!(chosen("bump backend in prod to three", elsewhere).is_empty());
    let delete = call("delete", json!({"targets": [{"kind": "deployment", "name": "backend"}]}));
    assert_eq!(chosen("bump backend to three", delete.clone()), ["delete deployment/backend"]);
    assert!(chosen("get rid of backend", delete).is_empty());
}

#[test]
fn asked_to_look_is_read_from_the_persons_own_words() {
    let delete = call("delete", json!({"targets": [{"kind": "pod", "name": "worker-1"}]}));
    let Turn::Change(plan) = about("show pods").take(reply(vec![delete])) else { panic!() };
    assert_eq!(plan.source(), &Source::Model { asked_to_look: true });
}

#[test]
fn it_ends_whatever_the_model_does() {
    let mut talk = about("how is it going");
    let mut rounds = 0;
    loop {
        // A new question every time.
        match talk.take(reply(vec![call("get", json!({"kinds": ["pod"], "selector": format!("a={rounds}")}))])) {
            Turn::Reads(_) => talk.results(vec![]),
            Turn::GiveUp(why) => break assert!(why.contains("no end"), "{why}"),
            other => panic!("{other:?}"),
        }
        rounds += 1;
    }
    assert_eq!(rounds, usize::from(ROUNDS));
    let mut talk = about("how is it going");
    for _ in 0..SAME {
        assert!(matches!(talk.take(reply(vec![pods()])), Turn::Reads(_)));
        talk.results(vec![]);
    }
    assert!(matches!(talk.take(reply(vec![pods()])), Turn::GiveUp(_)));
    assert!(matches!(about("x").take(Reply::default()), Turn::GiveUp(_)));
}

#[test]
fn the_oldest_results_give_way() {
    let mut talk = about("how is it going");
    let lines = vec![crate::ops::answer::LogLine { source: String::new(), text: "x".repeat(40_000) }];
    for n in 0..11 {
        let logs = call("logs", json!({"kind": "pod", "name": format!("p{n}")}));
        let Turn::Reads(plan) = talk.take(reply(vec![logs.clone(), call("logs", json!({"kind": "pod", "name": format!("q{n}")}))])) else {
            panic!()
        };
        talk.results(plan.ops().iter().map(|_| Ok(Answer::Log { lines: lines.clone(), truncated: false })).collect());
    }
    let request = talk.request();
    let total: usize = request.messages.iter().map(size).sum();
    assert!(total <= BUDGET, "{total}");
    let told = told(&talk);
    assert_eq!((told.len(), told[0].as_str()), (22, share::GONE));
    assert!(told[20].len() > 16_000 && told[21].len() > 16_000, "the newest round stays");
    assert_eq!(request.messages[..2], about("how is it going").request().messages[..]);
}

#[test]
fn a_megabyte_of_words_is_cut() {
    let request = about(&"é".repeat(600_000)).request();
    assert!(request.messages.iter().map(size).sum::<usize>() < 2 * MOST_WORDS);
}

#[test]
fn what_was_said_before_goes_along() {
    let before = [Exchange { asked: "fix it".into(), said: "Which one?".into() }];
    let messages = Conversation::after(&before, "the worker", &scope(), Sharing::Names).request().messages;
    assert_eq!(messages[1], Message::User("fix it".into()));
    assert_eq!(messages[2], Message::Assistant { text: "Which one?".into(), calls: vec![] });
}

fn any_arguments() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(deployment|pod|secret|node|web|worker|kube-system|/etc/passwd|merge|.{0,12})".prop_map(Value::from),
    ];
    let field = "(kind|name|namespace|kinds|names|targets|replicas|objects|files|patch|type|nodes|labels|images|context|op|.{0,6})";
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(field, inner, 0..5).prop_map(|m| json!(m))
        ]
    })
}

proptest! {
    #[test]
    fn no_reply_is_both_and_every_call_is_answered(
        calls in prop::collection::vec((0usize..crate::ops::CATALOGUE.len() + 1, any_arguments(), "[ab]?"), 0..6),
        words in "(show|delete|fix|)? ?(pods|web|worker)?",
    ) {
        let calls: Vec<ToolCall> = calls.into_iter().map(|(n, arguments, id)| {
            let name = crate::ops::CATALOGUE.get(n).map_or("sh", |e| e.name);
            ToolCall { id, name: name.into(), arguments: arguments.to_string() }
        }).collect();
        let asked = calls.len();
        let mut talk = about(&words);
        match talk.take(reply(calls)) {
            Turn::Reads(plan) => {
                prop_assert!(plan.ops().iter().all(|op| op.verb().impact() == Impact::Reads));
                talk.results(vec![]);
                prop_assert_eq!(told(&talk).len(), asked);
            }
            Turn::Change(plan) => prop_assert!(plan.ops().iter().all(|op| op.verb().impact() > Impact::Reads)),
            Turn::Again => prop_assert_eq!(told(&talk).len(), asked),
            Turn::Say(_) => prop_assert!(false, "nothing was said"),
            Turn::GiveUp(_) => {}
        }
    }
}
