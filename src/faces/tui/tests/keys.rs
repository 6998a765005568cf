//! What the other keys do.

use super::*;
use crate::{problem::Problem, road::execute::Progress, session::Tell};

fn ctrl(stage: &mut Stage, c: char) -> Vec<Action> {
    stage.app.handle(Input::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)), stage.at)
}

fn under_way(stage: &mut Stage, run: &RunId, phase: &'static str) {
    stage.app.follow([(run, phase)].into_iter(), stage.at);
}

#[test]
fn a_request_is_sent_and_told_again_by_up() {
    let mut stage = Stage::new(80, 24);
    stage.type_in("get pods");
    assert_eq!(stage.press(KeyCode::Enter), [Action::Ask("get pods".into())]);
    stage.press(KeyCode::Up);
    assert_eq!(stage.app.composer.text(), "get pods");
}

#[test]
fn a_paste_of_many_lines_is_one_request() {
    let mut stage = Stage::new(80, 24);
    stage.app.handle(Input::Paste("apply this:\nkind: Pod\n".into()), stage.at);
    assert_eq!(stage.press(KeyCode::Enter), [Action::Ask("apply this:\nkind: Pod".into())]);
}

#[test]
fn esc_stops_what_runs_and_clears_when_nothing_does() {
    let mut stage = Stage::new(80, 24);
    let run = RunId::new("0199-0007");
    stage.app.running.begins(run.clone(), "get pods", stage.at);
    assert_eq!(stage.press(KeyCode::Esc), [Action::Cancel(run)]);
    stage.app.follow(std::iter::empty(), stage.at);
    stage.type_in("abc");
    assert!(stage.press(KeyCode::Esc).is_empty());
    assert!(stage.app.composer.is_empty());
}

#[test]
fn leaving_needs_twice_while_a_change_is_under_way() {
    let mut stage = Stage::new(80, 24);
    assert_eq!(ctrl(&mut stage, 'd'), [Action::Quit]);
    let card = scale();
    under_way(&mut stage, &card.run, "asking");
    stage.app.ask(card.clone());
    stage.rest();
    stage.press(KeyCode::Char('y'));
    under_way(&mut stage, &card.run, "doing");
    stage.app.tell(Tell::Progress(card.run, Progress::Waits { step: 0, state: "2 of 3 available".into() }));
    assert!(ctrl(&mut stage, 'd').is_empty());
    stage.draw();
    assert!(stage.screen().contains("goes on in the cluster"), "{}", stage.screen());
    assert_eq!(ctrl(&mut stage, 'd'), [Action::Quit]);
}

#[test]
fn ctrl_c_twice_leaves() {
    let mut stage = Stage::new(80, 24);
    assert!(ctrl(&mut stage, 'c').is_empty());
    assert_eq!(ctrl(&mut stage, 'c'), [Action::Quit]);
    let mut stage = Stage::new(80, 24);
    ctrl(&mut stage, 'c');
    stage.type_in("a");
    assert!(ctrl(&mut stage, 'c').is_empty());
}

#[test]
fn a_question_mark_is_a_letter_where_something_is_typed() {
    let mut stage = Stage::new(80, 24);
    stage.type_in("why?");
    assert_eq!(stage.app.composer.text(), "why?");
    stage.press(KeyCode::Esc);
    stage.press(KeyCode::Char('?'));
    assert!(stage.app.help.is_some());
}

#[test]
fn new_lines_are_counted_while_one_reads_back() {
    let mut stage = Stage::new(80, 24);
    stage.draw();
    for n in 0..40 {
        stage.app.tell(Tell::NothingToDo(RunId::new("r"), format!("line {n}")));
    }
    stage.draw();
    stage.press(KeyCode::PageUp);
    let before = stage.screen();
    stage.app.tell(Tell::Problem(RunId::new("r"), Problem::failed("late")));
    stage.draw();
    assert!(!stage.screen().contains("late"));
    assert!(stage.screen().contains("1 new line"), "{}", stage.screen());
    assert_eq!(before.lines().nth(3), stage.screen().lines().nth(3));
    stage.press(KeyCode::End);
    assert!(stage.screen().contains("late"));
}

#[test]
fn idle_nothing_wants_to_be_drawn() {
    let mut stage = Stage::new(80, 24);
    stage.rest();
    let _ = stage.app.take_dirty();
    assert!(stage.app.silence_at().is_none());
    under_way(&mut stage, &RunId::new("r"), "doing");
    assert!(stage.app.take_dirty());
    under_way(&mut stage, &RunId::new("r"), "doing");
    assert!(!stage.app.is_dirty());
}
