//! What is on the screen, state by state.

use super::*;
use crate::{
    experts::playbook::{Finding, Report, Severity},
    problem::{Problem, Sort},
    road::execute::Progress,
    session::Tell,
};
use insta::assert_snapshot;
use proptest::prelude::*;

fn report() -> Tell {
    let finding = Finding {
        rule: "crash-loop".into(),
        severity: Severity::Error,
        subject: None,
        title: "worker crashes at start: DATABASE_URL is not set".into(),
        evidence: vec![
            "pod worker-7d4b9c-x2x  exit 1, 6 restarts in 4 min".into(),
            "log  FATAL: DATABASE_URL is not set\u{1b}[2J\u{1b}]0;owned\u{7}".into(),
        ],
        fix: Vec::new(),
        by_hand: vec!["kubectl logs deploy/worker --previous".into()],
    };
    Tell::Report(
        RunId::new("0199-0009"),
        Report {
            title: "why is worker not ready".into(),
            findings: vec![finding],
            healthy: Some(false),
            fine: vec!["its image was pulled".into()],
            not_checked: Vec::new(),
        },
    )
}

/// A conversation of one question and its answer, the cluster known.
fn talked(width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height);
    talk(&mut stage);
    stage
}

fn talk(stage: &mut Stage) {
    stage.app.cluster = Some(cluster());
    stage.type_in("why is worker not ready");
    stage.press(KeyCode::Enter);
    stage.app.tell(report());
}

fn asked(card: Card, width: u16, height: u16) -> Stage {
    let mut stage = talked(width, height);
    stage.type_in(&card.words);
    stage.press(KeyCode::Enter);
    stage.app.ask(card);
    stage.rest();
    stage
}

#[test]
fn the_start_is_empty() {
    let mut stage = Stage::new(80, 24);
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn the_start_at_110_columns() {
    let mut stage = Stage::new(110, 30);
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn a_report() {
    let mut stage = talked(110, 30);
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn a_question() {
    assert_snapshot!(asked(scale(), 110, 30).screen());
}

#[test]
fn a_question_at_80_columns() {
    assert_snapshot!(asked(scale(), 80, 24).screen());
}

#[test]
fn a_question_with_its_reasons() {
    let mut stage = asked(scale(), 80, 24);
    stage.press(KeyCode::Char('e'));
    assert_snapshot!(stage.screen());
}

#[test]
fn a_question_nobody_has_had_time_to_read() {
    let mut stage = talked(80, 24);
    stage.app.ask(scale());
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn a_question_while_one_types() {
    let mut stage = talked(80, 24);
    stage.type_in("get po");
    stage.app.ask(scale());
    stage.rest();
    assert_snapshot!(stage.screen());
}

#[test]
fn a_question_that_wants_a_name() {
    let mut stage = asked(delete(), 80, 24);
    stage.type_in("we");
    assert_snapshot!(stage.screen());
}

#[test]
fn a_long_difference_scrolled() {
    let mut stage = asked(long(), 80, 24);
    stage.press(KeyCode::PageDown);
    assert_snapshot!(stage.screen());
}

#[test]
fn a_long_difference_with_the_whole_screen() {
    let mut stage = asked(long(), 80, 24);
    stage.press(KeyCode::Char('d'));
    assert_snapshot!(stage.screen());
}

#[test]
fn the_answer_stays_in_the_conversation() {
    let mut stage = asked(scale(), 110, 30);
    stage.press(KeyCode::Char('y'));
    assert_snapshot!(stage.screen());
}

#[test]
fn a_step_runs() {
    let mut stage = talked(110, 30);
    let run = RunId::new("0199-0003");
    stage.app.running.begins(run.clone(), "scale backend to 3 and restart worker", stage.at);
    stage.app.follow([(&run, "doing")].into_iter(), stage.at);
    stage.app.tell(Tell::Progress(run.clone(), Progress::Begins { step: 0, of: 2, title: "scale deployment/backend to 3".into() }));
    stage.app.tell(Tell::Progress(run, Progress::Waits { step: 0, state: "2 of 3 available".into() }));
    stage.at += Duration::from_secs(4);
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn help() {
    let mut stage = talked(110, 50);
    stage.press(KeyCode::Char('?'));
    assert_snapshot!(stage.screen());
}

#[test]
fn help_at_80_columns() {
    let mut stage = talked(80, 24);
    stage.press(KeyCode::Char('?'));
    stage.press(KeyCode::PageDown);
    assert_snapshot!(stage.screen());
}

#[test]
fn a_problem() {
    let mut stage = Stage::new(80, 24);
    let view = ClusterView { unread: vec!["the server 127.0.0.1:6443 cannot be reached: connection refused".into()], ..cluster() };
    stage.app.cluster = Some(ClusterView { workloads: Vec::new(), warnings: Vec::new(), ..view });
    stage.press(KeyCode::F(2));
    stage.type_in("get pods");
    stage.press(KeyCode::Enter);
    let problem = Problem::new(Sort::Unreachable, "the server 127.0.0.1:6443 cannot be reached: connection refused")
        .hint("is the cluster running?")
        .hint("kubectl cluster-info");
    stage.app.tell(Tell::Problem(RunId::new("r"), problem));
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn the_cluster_at_80_columns() {
    let mut stage = talked(80, 24);
    stage.press(KeyCode::F(2));
    assert_snapshot!(stage.screen());
}

#[test]
fn wide_characters() {
    let mut stage = Stage::new(60, 16);
    stage.type_in("デプロイを三つにスケールして、それから全部のポッドを見せてください 👩‍💻");
    stage.press(KeyCode::Enter);
    stage.type_in("名前空間の一覧 é");
    stage.app.tell(Tell::NothingToDo(RunId::new("r"), "バックエンドはもう三つあります、変更はありません。問題はありません".into()));
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn too_small() {
    let mut stage = talked(20, 6);
    stage.draw();
    assert_snapshot!(stage.screen());
}

#[test]
fn without_colours_nothing_is_coloured() {
    let mut stage = Stage::with(110, 30, false);
    talk(&mut stage);
    stage.app.ask(delete());
    stage.rest();
    stage.press(KeyCode::Char('?'));
    stage.draw();
    let buffer = stage.terminal.backend().buffer();
    for cell in buffer.content() {
        assert_eq!((cell.fg, cell.bg), (ratatui::style::Color::Reset, ratatui::style::Color::Reset));
    }
    assert_snapshot!(stage.screen());
}

#[test]
fn an_escape_sequence_never_reaches_the_screen() {
    let mut stage = Stage::new(110, 40);
    talk(&mut stage);
    let evil = "x\u{1b}[2J\u{9b}31m\u{202e}\u{7}y";
    let mut view = cluster();
    view.workloads[0].name = evil.into();
    view.workloads[0].word = evil.into();
    view.warnings[0].reason = evil.into();
    view.warnings[0].object = evil.into();
    view.unread = vec![evil.into()];
    stage.app.cluster = Some(view);
    stage.app.shown.context = evil.into();
    let mut card = delete();
    card.words = evil.into();
    card.name_to_type = Some(evil.into());
    card.steps[0].title = evil.into();
    card.steps[0].kubectl = evil.into();
    card.steps[0].namespace = evil.into();
    card.steps[0].way_back = Err(evil.into());
    card.steps[0].lines.push(change(&["spec", evil], json!(evil), json!({"a": evil})));
    stage.app.ask(card);
    stage.rest();
    stage.press(KeyCode::F(4));
    let run = RunId::new("r");
    stage.app.running.begins(run.clone(), evil, stage.at);
    stage.app.tell(Tell::Progress(run, Progress::Begins { step: 0, of: 1, title: evil.into() }));
    stage.draw();
    let bad = |c: char| c.is_control() || c == '\u{202e}';
    for cell in stage.terminal.backend().buffer().content() {
        assert!(!cell.symbol().contains(bad), "{:?}", cell.symbol());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_size_is_too_odd(sizes in proptest::collection::vec((0u16..130, 0u16..50), 1..8), which in 0usize..4, f2 in any::<bool>()) {
        let mut stage = talked(80, 24);
        match which {
            0 => {}
            1 => stage.app.ask(scale()),
            2 => stage.app.ask(delete()),
            _ => stage.app.ask(long()),
        }
        if f2 {
            stage.press(KeyCode::F(2));
        }
        for (n, (width, height)) in sizes.into_iter().enumerate() {
            stage.terminal.backend_mut().resize(width, height);
            stage.rest();
            stage.press(if n % 2 == 0 { KeyCode::PageUp } else { KeyCode::PageDown });
            stage.press(KeyCode::F(1));
            stage.press(KeyCode::F(1));
            stage.app.tell(report());
        }
    }
}
