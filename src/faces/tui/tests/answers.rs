//! Which keys answer a question, and which never do.

use super::*;
use crate::road::approve::{Answer, Given};
use proptest::prelude::*;

fn yes(actions: &[Action]) -> bool {
    actions.iter().any(|a| matches!(a, Action::Answer(Answer { given: Given::Yes | Given::Typed(_), .. })))
}

/// A face with a question that has been on the screen long enough.
fn asked(card: Card) -> Stage {
    let mut stage = Stage::new(110, 30);
    stage.draw();
    stage.app.ask(card);
    assert!(stage.rest().is_empty());
    stage
}

#[test]
fn y_answers_the_question_that_was_read() {
    let mut stage = asked(scale());
    let actions = stage.press(KeyCode::Char('y'));
    assert_eq!(actions, [Action::Answer(Answer { to: PreviewId::made_up("preview-one"), given: Given::Yes })]);
    assert!(stage.app.asking.is_none());
}

#[test]
fn n_and_esc_decline() {
    let mut stage = asked(scale());
    assert_eq!(stage.press(KeyCode::Char('n')), [Action::Answer(Answer { to: PreviewId::made_up("preview-one"), given: Given::No })]);
    let mut stage = asked(scale());
    assert_eq!(stage.press(KeyCode::Esc), [Action::Cancel(RunId::new("0199-0001"))]);
}

#[test]
fn enter_alone_never_answers() {
    for card in [scale(), delete()] {
        let mut stage = asked(card);
        for _ in 0..5 {
            assert!(!yes(&stage.press(KeyCode::Enter)));
        }
        assert!(stage.app.asking.is_some());
    }
}

#[test]
fn a_name_is_typed_and_then_entered() {
    let mut stage = asked(delete());
    assert!(stage.type_in("web").is_empty());
    assert_eq!(
        stage.press(KeyCode::Enter),
        [Action::Answer(Answer { to: PreviewId::made_up("preview-two"), given: Given::Typed("web".into()) })]
    );
}

#[test]
fn a_pasted_name_is_no_answer() {
    let mut stage = asked(delete());
    let mut actions = stage.app.handle(Input::Paste("web".into()), stage.at);
    actions.extend(stage.press(KeyCode::Enter));
    assert!(!yes(&actions), "{actions:?}");
    assert!(stage.app.asking.is_some());
}

#[test]
fn a_yes_with_more_right_behind_it_is_typing() {
    let mut stage = asked(scale());
    let mut actions = Vec::new();
    for c in "yes".chars() {
        actions.extend(stage.app.handle(Input::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)), stage.at));
    }
    actions.extend(stage.app.silent(stage.at));
    assert!(actions.is_empty());
    assert_eq!(stage.app.composer.text(), "yes");
}

#[test]
fn what_is_typed_keeps_the_keys_when_a_question_comes() {
    let mut stage = Stage::new(110, 30);
    stage.type_in("get");
    stage.app.ask(scale());
    stage.rest();
    assert!(stage.press(KeyCode::Char('y')).is_empty());
    assert_eq!(stage.app.composer.text(), "gety");
    stage.press(KeyCode::Tab);
    assert!(yes(&stage.press(KeyCode::Char('y'))));
}

#[test]
fn a_long_question_is_answered_at_its_end_only() {
    let mut stage = asked(long());
    for _ in 0..20 {
        assert!(!yes(&stage.press(KeyCode::Char('y'))));
        if stage.app.asking.as_ref().unwrap().seen().unwrap().end() {
            break;
        }
        stage.press(KeyCode::PageDown);
    }
    stage.rest();
    assert!(yes(&stage.press(KeyCode::Char('y'))));
}

#[test]
fn a_question_that_is_covered_or_has_no_room_is_not_answered() {
    let mut stage = asked(scale());
    stage.terminal.backend_mut().resize(20, 6);
    stage.draw();
    assert!(!yes(&stage.press(KeyCode::Char('y'))));
    stage.terminal.backend_mut().resize(110, 30);
    stage.draw();
    stage.press(KeyCode::F(1));
    assert!(!yes(&stage.press(KeyCode::Char('y'))));
    stage.press(KeyCode::Esc);
    assert!(yes(&stage.press(KeyCode::Char('y'))));
}

#[test]
fn the_next_question_is_not_answered_by_keys_for_the_one_before() {
    let mut stage = asked(scale());
    stage.app.handle(Input::Key(KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE)), stage.at);
    stage.app.ask(delete());
    assert!(stage.app.silent(stage.at).is_empty());
    assert!(stage.press(KeyCode::Char('y')).is_empty());
}

#[derive(Debug, Clone)]
enum Move {
    Key(KeyCode),
    Paste(String),
    Silent(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let key = prop_oneof![
        Just(KeyCode::Char('y')),
        Just(KeyCode::Char('y')),
        Just(KeyCode::Enter),
        Just(KeyCode::Tab),
        Just(KeyCode::PageDown),
        Just(KeyCode::F(6)),
        Just(KeyCode::F(1)),
        any::<char>().prop_map(KeyCode::Char),
    ];
    let one = prop_oneof![
        4 => key.prop_map(Move::Key),
        1 => prop_oneof![Just("y".to_string()), Just("web\n".to_string()), any::<String>()].prop_map(Move::Paste),
        2 => (0u64..5000).prop_map(Move::Silent),
    ];
    proptest::collection::vec(one, 0..40)
}

fn go(stage: &mut Stage, moves: Vec<Move>) -> Vec<Action> {
    let mut actions = Vec::new();
    for one in moves {
        actions.extend(match one {
            Move::Key(code) => stage.app.handle(Input::Key(KeyEvent::new(code, KeyModifiers::NONE)), stage.at),
            Move::Paste(text) => stage.app.handle(Input::Paste(text), stage.at),
            Move::Silent(millis) => {
                stage.at += Duration::from_millis(millis);
                stage.app.silent(stage.at)
            }
        });
    }
    actions
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_from_before_the_frame_is_a_yes(before in moves(), after in moves(), typed in any::<bool>()) {
        let mut stage = Stage::new(110, 30);
        stage.draw();
        let mut actions = go(&mut stage, before);
        stage.app.ask(if typed { delete() } else { scale() });
        actions.extend(go(&mut stage, after));
        prop_assert!(!yes(&actions), "{actions:?}");
    }

    #[test]
    fn nothing_right_after_the_frame_is_a_yes(quick in moves(), typed in any::<bool>()) {
        let mut stage = Stage::new(110, 30);
        stage.app.ask(if typed { delete() } else { scale() });
        stage.draw();
        // However the keys come: before it has ripened there is no yes.
        let quick = quick.into_iter().filter(|m| !matches!(m, Move::Silent(_))).collect();
        let actions = go(&mut stage, quick);
        prop_assert!(!yes(&actions), "{actions:?}");
    }

    #[test]
    fn a_yes_always_names_the_question_on_the_screen(moves in moves()) {
        let mut stage = asked(scale());
        for action in go(&mut stage, moves) {
            if let Action::Answer(answer) = action {
                prop_assert_eq!(answer.to, PreviewId::made_up("preview-one"));
            }
        }
    }
}
