//! From when on: a length of time before now, a time of day, a moment.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// From when on, as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So many seconds before now.
    Ago(i64),
    /// The last time that it was so many minutes past midnight, in UTC, as clusters write their times.
    Clock(i64),
    /// Midnight so many days ago, in UTC.
    Day(i64),
    /// That very moment.
    At(Timestamp),
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// What "recently" means.
const RECENTLY: i64 = DAY;
/// Nobody asks for more than ten years.
const LONGEST: i64 = 3_650 * DAY;

impl Since {
    /// The moment that is meant at that time.
    pub fn before(self, now: Timestamp) -> Timestamp {
        let back = |seconds: i64| now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN);
        let midnight = now.to_zoned(TimeZone::UTC).start_of_day().map_or(now, |day| day.timestamp());
        match self {
            Since::Ago(seconds) => back(seconds),
            Since::At(at) => at,
            Since::Day(days) => midnight.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN),
            Since::Clock(minutes) => {
                let at = midnight.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(now);
                if at > now { at.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN) } else { at }
            }
        }
    }

    /// From one word, or several joined by spaces, in lower case or as a moment is written: `1h`, `90m`, `10am`, `10:30`, `noon`, `today`,
    /// `2026-11-21T10:00:00Z`, `2 hours`, `2 hours ago`, `the last 3 days`.
    pub fn read(text: &str) -> Option<Since> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Since::At(at));
        }
        let low = text.to_lowercase();
        let words: Vec<&str> = low.split_whitespace().collect();
        let words = words.strip_prefix(&["the"]).unwrap_or(&words);
        match words {
            ["today"] | ["this", "morning"] => Some(Since::Day(0)),
            ["yesterday"] => Some(Since::Day(1)),
            ["recently" | "lately"] => Some(Since::Ago(RECENTLY)),
            ["noon"] => Some(Since::Clock(12 * 60)),
            ["midnight"] => Some(Since::Clock(0)),
            [clock] if of_day(clock).is_some() => of_day(clock).map(Since::Clock),
            [clock, half @ ("am" | "pm")] => of_day(&format!("{clock}{half}")).map(Since::Clock),
            ["last" | "past", rest @ ..] | [rest @ .., "ago"] => length(rest).map(Since::Ago),
            rest => length(rest).map(Since::Ago),
        }
    }
}

/// `10am`, `10:30`, `10:30pm`: minutes past midnight.
fn of_day(word: &str) -> Option<i64> {
    let (clock, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (None, Some(clock)) => (clock, Some(12)),
        (None, None) => (word, None),
    };
    let clock = clock.trim_end_matches('.');
    let (hours, minutes) = match clock.split_once(':') {
        Some((h, m)) if m.len() == 2 => (number(h)?, number(m)?),
        Some(_) => return None,
        None => (half.and_then(|_| number(clock))?, 0),
    };
    let hours = match half {
        Some(more) if (1..=12).contains(&hours) => hours % 12 + more,
        Some(_) => return None,
        None => hours,
    };
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// `1h`, `1h30m`, `2 hours`, `hour`, `an hour`, `half an hour`, `few minutes`.
fn length(words: &[&str]) -> Option<i64> {
    let seconds = match words {
        ["half", "an" | "a", "hour"] => Some(HOUR / 2),
        ["few" | "couple", "of", unit] | ["few" | "couple", unit] => Some(5 * of_unit(unit)?),
        ["a", "few" | "couple", "of", unit] | ["a", "few" | "couple", unit] => Some(5 * of_unit(unit)?),
        ["a" | "an" | "one", unit] => of_unit(unit),
        [n, unit] => number(n).and_then(|n| n.checked_mul(of_unit(unit)?)),
        [one] => of_unit(one).filter(|_| one.len() > 1).or_else(|| compact(one)),
        _ => None,
    };
    seconds.filter(|s| (1..=LONGEST).contains(s))
}

fn of_unit(word: &str) -> Option<i64> {
    Some(match word.trim_end_matches('s') {
        "" | "sec" | "second" => 1,
        "m" | "min" | "minute" => MINUTE,
        "h" | "hr" | "hour" => HOUR,
        "d" | "day" => DAY,
        "w" | "week" => 7 * DAY,
        "month" => 30 * DAY,
        _ => return None,
    })
}

/// `1h30m`, `2d`.
fn compact(word: &str) -> Option<i64> {
    let (mut rest, mut all) = (word, 0_i64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
        if digits == 0 || letters == 0 {
            return None;
        }
        let seconds = number(&rest[..digits])?.checked_mul(of_unit(&rest[digits..digits + letters])?)?;
        all = all.checked_add(seconds)?;
        rest = &rest[digits + letters..];
    }
    (all > 0).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Option<String> {
        let now = "2026-11-21T12:30:00Z".parse().unwrap();
        Some(Since::read(text)?.before(now).to_string())
    }

    #[test]
    fn what_is_meant_at_half_past_noon() {
        for (text, want) in [
            ("1h", "2026-11-21T11:30:00Z"),
            ("1h30m", "2026-11-21T11:00:00Z"),
            ("the last hour", "2026-11-21T11:30:00Z"),
            ("last 30 minutes", "2026-11-21T12:00:00Z"),
            ("past 2 days", "2026-11-19T12:30:00Z"),
            ("2 hours ago", "2026-11-21T10:30:00Z"),
            ("half an hour", "2026-11-21T12:00:00Z"),
            ("10am", "2026-11-21T10:00:00Z"),
            ("10 AM", "2026-11-21T10:00:00Z"),
            ("10:15", "2026-11-21T10:15:00Z"),
            ("12am", "2026-11-21T00:00:00Z"),
            // Not yet today: yesterday's.
            ("3pm", "2026-11-20T15:00:00Z"),
            ("noon", "2026-11-21T12:00:00Z"),
            ("today", "2026-11-21T00:00:00Z"),
            ("yesterday", "2026-11-20T00:00:00Z"),
            ("recently", "2026-11-20T12:30:00Z"),
            ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_guessed() {
        for text in
            ["", "10", "s", "25:00", "10:3", "13pm", "0h", "the", "last", "ago", "backend", "10xm", "99999999999h", "ten minutes", "1h-2m"]
        {
            assert_eq!(at(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,40}", n in any::<i64>()) {
            let now = Timestamp::from_second(n.clamp(-377_705_023_201, 253_402_207_200)).unwrap();
            if let Some(since) = Since::read(&text) {
                prop_assert!(since.before(now) <= now || matches!(since, Since::At(_)));
            }
        }
    }
}
