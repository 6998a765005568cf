//! When a rule is in force: days of the week and hours, in a time zone.

use jiff::{
    Timestamp,
    civil::{Time, Weekday},
    tz::TimeZone,
};
use serde::Deserialize;

/// One window. What is left out holds always; hours that end before they begin go on past midnight, and belong to the day they began on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    #[serde(default)]
    days: Vec<Day>,
    #[serde(default)]
    hours: Option<Hours>,
    #[serde(default)]
    zone: Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    fn is(self, weekday: Weekday) -> bool {
        let ours = match self {
            Day::Mon => Weekday::Monday,
            Day::Tue => Weekday::Tuesday,
            Day::Wed => Weekday::Wednesday,
            Day::Thu => Weekday::Thursday,
            Day::Fri => Weekday::Friday,
            Day::Sat => Weekday::Saturday,
            Day::Sun => Weekday::Sunday,
        };
        ours == weekday
    }
}

/// `18:00-08:00`: from the first minute, up to and without the last.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Hours {
    from: Time,
    to: Time,
}

impl TryFrom<String> for Hours {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} are no hours: 18:00-08:00");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            // The day's end is written so by people; it is the next day's beginning.
            if (hour, minute) == ("24", "00") {
                return Some(Time::midnight());
            }
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        Ok(Hours { from: time(from).ok_or_else(wrong)?, to: time(to).ok_or_else(wrong)? })
    }
}

/// `Europe/Berlin`, `UTC`, or a fixed distance: `+01:00`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Zone(TimeZone::UTC)
    }
}

impl TryFrom<String> for Zone {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let fixed = || {
            let (sign, rest) = text.strip_prefix('+').map(|r| (1, r)).or_else(|| text.strip_prefix('-').map(|r| (-1, r)))?;
            let (hours, minutes) = rest.split_once(':')?;
            let seconds = hours.parse::<i32>().ok()?.checked_mul(3600)?.checked_add(minutes.parse::<i32>().ok()?.checked_mul(60)?)?;
            Some(TimeZone::fixed(jiff::tz::Offset::from_seconds(sign * seconds).ok()?))
        };
        match fixed() {
            Some(zone) => Ok(Zone(zone)),
            None => TimeZone::get(&text)
                .map(Zone)
                .map_err(|_| format!("the time zone {text:?} is not known here; a distance is always: +01:00")),
        }
    }
}

impl Window {
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        let here = now.to_zoned(self.zone.0.clone());
        let day = |weekday: Weekday| self.days.is_empty() || self.days.iter().any(|d| d.is(weekday));
        let (today, time) = (here.weekday(), here.time());
        match self.hours {
            None => day(today),
            Some(Hours { from, to }) if from < to => day(today) && from <= time && time < to,
            Some(Hours { from, to }) => (day(today) && from <= time) || (day(today.previous()) && time < to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(window: &str, at: &str) -> bool {
        toml::from_str::<Window>(window).unwrap().holds(at.parse().unwrap())
    }

    #[test]
    fn days_hours_and_zones() {
        // 20 November 2026 is a Friday.
        let friday_night = "days = [\"fri\"]\nhours = \"18:00-08:00\"\nzone = \"+01:00\"";
        assert!(holds(friday_night, "2026-11-20T17:00:00Z"));
        assert!(holds(friday_night, "2026-11-21T06:59:59Z"), "past midnight it is still Friday's night");
        assert!(!holds(friday_night, "2026-11-21T07:00:00Z"));
        assert!(!holds(friday_night, "2026-11-20T06:00:00Z"), "that was Thursday's night");
        assert!(!holds(friday_night, "2026-11-20T16:59:59Z"));
        assert!(holds("days = [\"sat\", \"sun\"]", "2026-11-21T12:00:00Z"));
        assert!(holds("hours = \"22:00-24:00\"", "2026-11-21T23:59:00Z"));
        for wrong in ["hours = \"8-9\"", "hours = \"25:00-26:00\"", "zone = \"Mars/Base\"", "days = [\"someday\"]", "hour = \"x\""] {
            assert!(toml::from_str::<Window>(wrong).is_err(), "{wrong}");
        }
    }
}
