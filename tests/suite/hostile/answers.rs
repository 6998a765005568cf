//! What counts as a yes, and to what.

use super::{SHOP, Scene, confirm, yes};
use aiops::{
    faces::args::Global,
    road::{
        approve::Given,
        preview::{Card, PreviewId},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_yes_never_answers_what_needs_a_name() {
    let scene = Scene::new().await;
    for request in ["kubectl delete deployment web", "kubectl delete namespace shop"] {
        let heard = scene.says_with(request, yes()).await;
        assert_eq!(heard.code, 3, "{request}: {}", heard.text);
        assert!(heard.text.contains("--confirm"), "{}", heard.text);
    }
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_confirms_nothing() {
    let scene = Scene::new().await;
    for (request, name) in [
        ("kubectl delete deployment web", "wep"),
        ("kubectl delete deployment web", ""),
        ("kubectl delete deployment web", "WEB"),
        ("kubectl delete deployment web", "deployment/web"),
        ("kubectl delete deployment web", "*"),
    ] {
        for yes in [false, true] {
            let heard = scene.says_with(request, Global { yes, ..confirm(name) }).await;
            assert_eq!(heard.code, 3, "--confirm {name:?}: {}", heard.text);
        }
    }
    assert!(scene.wire.writes().is_empty());
}

/// `--confirm NAME` answers what needs that name; it is no plain yes to everything else.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_for_one_thing_is_no_yes_to_another() {
    let scene = Scene::new().await;
    let heard = scene.says_with("kubectl delete configmap settings", confirm("web")).await;
    assert_eq!(heard.code, 3, "{}", heard.text);
    assert!(scene.wire.writes().is_empty());
    assert!(scene.person.object("configmap", "settings", SHOP).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_several_is_asked_about_on_its_own() {
    let scene = Scene::new().await;
    let requests = ["kubectl scale deployment/web --replicas=3", "kubectl delete deployment web", "kubectl delete configmap settings"];
    let heard = scene.person.says_with(SHOP, &requests, yes()).await;
    assert_eq!(heard.code, 3, "{}", heard.text);
    assert!(heard.text.contains("1 request(s) after it were not begun"), "{}", heard.text);
    assert_eq!(scene.wire.writes().len(), 1, "only the one that a plain yes answers");
    assert!(scene.person.object("deployment", "web", SHOP).await.is_some());
    assert!(scene.person.object("configmap", "settings", SHOP).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_has_a_preview_of_its_own() {
    // The same words twice: a yes to the first is none to the second, though both would do the same.
    let scene = Scene::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let flags = Global { dry_run: true, output: aiops::faces::args::Form::Json, ..Global::default() };
        let heard = scene.says_with("kubectl scale deployment/web --replicas=3", flags).await;
        let told: serde_json::Value = serde_json::from_str(&heard.text).unwrap();
        ids.push(told["preview"]["preview"].as_str().unwrap().to_string());
    }
    assert_ne!(ids[0], ids[1]);
}

mod typed {
    //! What a person types at the question.
    use super::*;
    use aiops::{faces::headless::reading, road::vet::Verdict};

    fn card(verdict: Verdict) -> Card {
        Card {
            run: aiops::road::RunId::new("r-1"),
            preview: PreviewId::made_up("p"),
            words: "w".into(),
            verdict,
            name_to_type: (verdict == Verdict::ConfirmTyped).then(|| "web".into()),
            needs_person: false,
            assumed: Vec::new(),
            steps: Vec::new(),
        }
    }

    #[test]
    fn only_y_and_yes_are_yes() {
        let card = card(Verdict::Confirm);
        for said in ["y", "Y", "yes", " YES \n", "y\r\n"] {
            assert_eq!(reading(&card, said), Some(Given::Yes), "{said:?}");
        }
        for said in ["n", "no", "q", "NO\n"] {
            assert_eq!(reading(&card, said), Some(Given::No), "{said:?}");
        }
        for said in [
            "",
            "\n",
            "\r\n",
            " ",
            "yy",
            "ye",
            "yes please",
            "ok",
            "1",
            "true",
            "j",
            "да",
            "web",
            "y\u{0}",
            "\u{1b}y",
            "y n",
            "a",
            "always",
            "-y",
            "ｙ",
        ] {
            assert_eq!(reading(&card, said), None, "{said:?} is no answer");
        }
    }

    #[test]
    fn where_a_name_is_asked_for_only_the_name_is_yes() {
        let card = card(Verdict::ConfirmTyped);
        assert_eq!(reading(&card, "web\n"), Some(Given::Typed("web".into())));
        assert_eq!(reading(&card, "n\n"), Some(Given::No));
        let called_n = Card { name_to_type: Some("n".into()), ..card.clone() };
        assert_eq!(reading(&called_n, "n\n"), Some(Given::No), "also where the object is called so");
        for said in ["", "y", "yes", "Web", "we", "webb", "web web", "deployment/web"] {
            assert_eq!(reading(&card, said), None, "{said:?} is no answer");
        }
    }
}
