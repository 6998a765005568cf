//! Schedules as people say them: `every 5 minutes`, `every night at 2`, `daily at 14:30`, `every monday at noon`.
//!
//! Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec>.

use super::super::{
    lexicon::Sense as S,
    parts::{Part, off},
};
use super::{
    super::tag::{Is, Token},
    Reader,
};

const DAYS: &[&str] = &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The cron schedule that tokens begin with, and how many they take.
pub fn schedule(tokens: &[Token]) -> Option<(String, usize)> {
    Reader::of(tokens).schedule(0)
}

impl Reader<'_> {
    fn low(&self, at: usize) -> Option<String> {
        self.tokens.get(at).map(|t| t.said.to_lowercase().into())
    }

    /// The cron schedule that begins there, and how many tokens it takes.
    pub(super) fn schedule(&self, at: usize) -> Option<(String, usize)> {
        let first = self.low(at).filter(|_| !off(Part::Schedule))?;
        if let Some(cron) = ["hourly", "daily", "weekly", "monthly", "yearly"].contains(&first.as_str()).then(|| format!("@{first}")) {
            let timed = (first == "daily").then(|| self.time_of_day(at + 1)).flatten();
            return Some(timed.map_or((cron, 1), |((hour, minute), n)| (format!("{minute} {hour} * * *"), 1 + n)));
        }
        if first == "nightly" {
            let ((hour, minute), n) = self.time_of_day(at + 1).unwrap_or(((0, 0), 0));
            return Some((format!("{minute} {hour} * * *"), 1 + n));
        }
        if !["every", "each"].contains(&first.as_str()) {
            return None;
        }
        if let (Some(Is::Number(n)), Some(Is::Sense(S::Unit(unit)))) = (self.is(at + 1), self.is(at + 2)) {
            let cron = match *unit {
                "m" if (1..60).contains(n) => format!("*/{n} * * * *"),
                "h" if (1..24).contains(n) => format!("0 */{n} * * *"),
                "d" if (1..29).contains(n) => format!("0 0 */{n} * *"),
                _ => return None,
            };
            return Some((cron, 3));
        }
        let unit = self.low(at + 1)?;
        let day = DAYS.iter().position(|day| unit == *day);
        let on_days = match unit.as_str() {
            "minute" => return Some(("* * * * *".into(), 2)),
            "hour" => return Some(("0 * * * *".into(), 2)),
            "week" => return Some(("@weekly".into(), 2)),
            "month" => return Some(("@monthly".into(), 2)),
            "day" | "night" | "morning" | "evening" => "*".to_string(),
            "weekday" | "workday" => "1-5".to_string(),
            "midnight" => return Some(("0 0 * * *".into(), 2)),
            _ => day?.to_string(),
        };
        let ((hour, minute), n) = match (self.time_of_day(at + 2), unit.as_str()) {
            (Some(time), _) => time,
            // In the morning and in the evening are no times.
            (None, "morning" | "evening") => return None,
            (None, _) => ((0, 0), 0),
        };
        Some((format!("{minute} {hour} * * {on_days}"), 2 + n))
    }

    /// `at 2`, `at 14:30`, `at 3am`, `at midnight`: hour, minute, and the tokens it takes.
    fn time_of_day(&self, at: usize) -> Option<((u8, u8), usize)> {
        if self.low(at)? != "at" {
            return None;
        }
        let said = self.low(at + 1)?;
        if let Some((_, hour)) = [("midnight", 0), ("noon", 12), ("midday", 12)].iter().find(|(name, _)| *name == said) {
            return Some(((*hour, 0), 2));
        }
        let (digits, half) = match (said.strip_suffix("am"), said.strip_suffix("pm")) {
            (Some(digits), _) => (digits.to_string(), Some(0)),
            (_, Some(digits)) => (digits.to_string(), Some(12)),
            (None, None) => match self.low(at + 2).as_deref() {
                Some("am") => (said.clone(), Some(0)),
                Some("pm") => (said.clone(), Some(12)),
                _ => (said.clone(), None),
            },
        };
        let behind = usize::from(half.is_some() && digits == said);
        let (hour, minute) = digits.split_once(':').unwrap_or((&digits, "0"));
        let (hour, minute): (u8, u8) = (hour.trim().parse().ok()?, minute.parse().ok()?);
        let hour = match half {
            Some(_) if hour == 0 || hour > 12 => return None,
            Some(half) => hour % 12 + half,
            None => hour,
        };
        (hour < 24 && minute < 60).then_some(((hour, minute), 2 + behind))
    }
}
