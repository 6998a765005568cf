//! Whether the schedule of a CronJob can be read: five fields, or a word that stands for them. Source: `parser.go` of github.com/robfig/cron/v3.
use crate::terms::duration::GoDuration;

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const WORDS: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Reads a schedule.
///
/// # Errors
/// What is wrong with it, in the parser's words.
pub(super) fn check(text: &str) -> Result<(), String> {
    if let Some(every) = text.strip_prefix("@every ") {
        return every.parse::<GoDuration>().map(drop).map_err(|_| format!("failed to parse duration {text}"));
    }
    if text.starts_with('@') {
        return if WORDS.contains(&text) { Ok(()) } else { Err(format!("unrecognized descriptor: {text}")) };
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts[..] else {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", parts.len(), parts.join(" ")));
    };
    field(minute, 0, 59, &[])?;
    field(hour, 0, 23, &[])?;
    field(day, 1, 31, &[])?;
    field(month, 1, 12, MONTHS)?;
    field(weekday, 0, 6, DAYS)
}

fn field(text: &str, least: u32, most: u32, names: &[&str]) -> Result<(), String> {
    let value = |text: &str| match (0..).zip(names).find(|(_, name)| text.eq_ignore_ascii_case(name)) {
        Some((at, _)) => Ok(at + least),
        None => text.parse::<u32>().map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax")),
    };
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
            continue;
        };
        return Err(format!("{wrong}: {part}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_is_no_schedule_is_not_read() {
        for text in ["* * * * *", "*/15 0 1,15 jan mon-fri", "@weekly", "@every 90s"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in ["", "* * * *", "60 * * * *", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "@often", "@every day", "x * * * *"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
