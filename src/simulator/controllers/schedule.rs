//! The schedule of a CronJob: five fields, or a word that stands for them. Source: `parser.go` of github.com/robfig/cron/v3 (what it accepts).
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const WORDS: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// When something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::simulator) enum Schedule {
    Times {
        fields: [u64; 5],
        any_day: bool,
        any_weekday: bool,
        zone: TimeZone,
    },
    /// `@every 5m`, in seconds.
    Every(i64),
}

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// What is wrong with it, in the parser's words.
    pub(in crate::simulator) fn read(text: &str, zone: TimeZone) -> Result<Self, String> {
        if let Some(every) = text.strip_prefix("@every ") {
            let every = every.parse::<crate::terms::duration::GoDuration>().ok().and_then(|every| every.to_std());
            let seconds = every.and_then(|every| i64::try_from(every.as_secs().max(1)).ok());
            return seconds.map(Schedule::Every).ok_or_else(|| format!("failed to parse duration {text}"));
        }
        let text = match WORDS.iter().find(|(word, _)| *word == text) {
            Some((_, fields)) => fields,
            None if text.starts_with('@') => return Err(format!("unrecognized descriptor: {text}")),
            None => text,
        };
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = parts[..] else {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", parts.len(), parts.join(" ")));
        };
        let fields = [
            field(minute, 0, 59, &[])?,
            field(hour, 0, 23, &[])?,
            field(day, 1, 31, &[])?,
            field(month, 1, 12, MONTHS)?,
            field(weekday, 0, 6, DAYS)?,
        ];
        let any = |text: &str| text.starts_with(['*', '?']);
        Ok(Schedule::Times { fields, any_day: any(day), any_weekday: any(weekday), zone })
    }

    /// The first time after `after`; None where there is none within five years.
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let (fields, any_day, any_weekday, zone) = match self {
            Schedule::Every(seconds) => return after.checked_add(SignedDuration::from_secs(*seconds)).ok(),
            Schedule::Times { fields, any_day, any_weekday, zone } => (fields, *any_day, *any_weekday, zone),
        };
        let has = |field: usize, value: i8| fields[field] & (1 << value) != 0;
        let start = Timestamp::from_second((after.as_second().div_euclid(60) + 1) * 60).ok()?;
        let mut at: Zoned = start.to_zoned(zone.clone());
        let end = at.year() + 5;
        while at.year() <= end {
            let (in_month, in_week) = (has(2, at.day()), has(4, at.weekday().to_sunday_zero_offset()));
            // Both given: either will do.
            let day = if any_day || any_weekday { in_month && in_week } else { in_month || in_week };
            if !has(3, at.month()) || !day {
                at = at.tomorrow().ok()?.start_of_day().ok()?;
            } else if !has(1, at.hour()) {
                at = at.checked_add(SignedDuration::from_mins(60 - i64::from(at.minute()))).ok()?;
            } else if !has(0, at.minute()) {
                at = at.checked_add(SignedDuration::from_mins(1)).ok()?;
            } else {
                return Some(at.timestamp());
            }
        }
        None
    }
}

/// The values that a field allows, as bits.
fn field(text: &str, least: u32, most: u32, names: &[&str]) -> Result<u64, String> {
    let value = |text: &str| match (0..).zip(names).find(|(_, name)| text.eq_ignore_ascii_case(name)) {
        Some((at, _)) => Ok(at + least),
        None => text.parse::<u32>().map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax")),
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (span, step) = part.split_once('/').map_or((part, None), |(span, step)| (span, Some(step)));
        let (from, to) = match span.split_once('-') {
            _ if matches!(span, "*" | "?") => (least, most),
            Some((from, to)) => (value(from)?, value(to)?),
            None if step.is_some() => (value(span)?, most),
            None => (value(span)?, value(span)?),
        };
        let step = step.map_or(Ok(1), value)?;
        let wrong = if from < least {
            format!("beginning of range ({from}) below minimum ({least})")
        } else if to > most {
            format!("end of range ({to}) above maximum ({most})")
        } else if from > to {
            format!("beginning of range ({from}) beyond end of range ({to})")
        } else if step == 0 {
            "step of range should be a positive number".to_owned()
        } else {
            (from..=to).step_by(step as usize).for_each(|n| bits |= 1 << n);
            continue;
        };
        return Err(format!("{wrong}: {part}"));
    }
    Ok(bits)
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use jiff::{Timestamp, tz::TimeZone};

    fn next(text: &str, after: &str) -> String {
        let after: Timestamp = after.parse().unwrap();
        Schedule::read(text, TimeZone::UTC).unwrap().next(after).map_or_else(String::new, |t| t.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        for (text, at) in [
            ("* * * * *", "2026-11-21T12:01:00Z"),
            ("*/15 * * * *", "2026-11-21T12:15:00Z"),
            ("0 3 * * *", "2026-11-22T03:00:00Z"),
            ("30 12 * * mon-fri", "2026-11-23T12:30:00Z"),
            ("0 0 1 jan *", "2027-01-01T00:00:00Z"),
            ("0 0 13 * 5", "2026-11-27T00:00:00Z"),
            ("@weekly", "2026-11-22T00:00:00Z"),
            ("@every 90s", "2026-11-21T12:01:30Z"),
            ("0 0 30 2 *", ""),
        ] {
            assert_eq!(next(text, "2026-11-21T12:00:00Z"), at, "{text}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_not_read() {
        for text in ["", "* * * *", "60 * * * *", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "@often", "x * * * *"] {
            assert!(Schedule::read(text, TimeZone::UTC).is_err(), "{text}");
        }
    }
}
