//! Go's durations (`1h30m`, `90s`, `1.5s`), as kubectl flags and Kubernetes fields write them.
use std::{fmt, str::FromStr};

/// A signed length of time in nanoseconds, read and printed as Go's `time.Duration`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GoDuration(i64);

/// Why a text is no duration; carries the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no duration (try 90s, 5m, 1h30m)")]
pub struct NotADuration(pub String);

const UNITS: &[(&str, i64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl GoDuration {
    /// From whole seconds; ends at the largest value there is.
    pub const fn from_secs(seconds: i64) -> Self {
        GoDuration(seconds.saturating_mul(1_000_000_000))
    }

    /// From nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        GoDuration(nanos)
    }

    /// Nanoseconds.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds, cut towards zero.
    pub const fn secs(self) -> i64 {
        self.0 / 1_000_000_000
    }

    /// As std's duration; None when negative.
    pub fn to_std(self) -> Option<std::time::Duration> {
        u64::try_from(self.0).ok().map(std::time::Duration::from_nanos)
    }
}

impl FromStr for GoDuration {
    type Err = NotADuration;

    /// The grammar of Go's `time.ParseDuration`: an optional sign, then numbers with a unit each; a bare `0` is the only number without one.
    fn from_str(text: &str) -> Result<Self, NotADuration> {
        parse(text).map(GoDuration).ok_or_else(|| NotADuration(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(number_end);
        let unit_end = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let scale = i128::from(UNITS.iter().find(|(name, _)| *name == unit)?.1);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') || whole.len() > 19 {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole * scale)?;
        let mut digit_scale = scale;
        for digit in fraction.bytes() {
            digit_scale /= 10;
            total += i128::from(digit - b'0') * digit_scale;
        }
        rest = tail;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if nanos == 0 {
            return f.write_str("0s");
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (unit, scale) = match nanos {
            ..1_000 => ("ns", 1),
            1_000..1_000_000 => ("\u{b5}s", 1_000),
            1_000_000..1_000_000_000 => ("ms", 1_000_000),
            _ => {
                let seconds = nanos / 1_000_000_000;
                if seconds >= 3600 {
                    write!(f, "{}h", seconds / 3600)?;
                }
                if seconds >= 60 {
                    write!(f, "{}m", seconds / 60 % 60)?;
                }
                return write_decimal(f, nanos % 60_000_000_000, 1_000_000_000, "s");
            }
        };
        write_decimal(f, nanos, scale, unit)
    }
}

fn write_decimal(f: &mut fmt::Formatter<'_>, nanos: u64, scale: u64, unit: &str) -> fmt::Result {
    write!(f, "{}", nanos / scale)?;
    let rest = nanos % scale;
    if rest != 0 {
        let digits = scale.ilog10() as usize;
        let fraction = format!("{rest:0digits$}");
        write!(f, ".{}", fraction.trim_end_matches('0'))?;
    }
    f.write_str(unit)
}

#[cfg(test)]
mod tests {
    use super::GoDuration;
    use proptest::prelude::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, nanos) in [
            ("1h30m", 5_400_000_000_000),
            ("90s", 90_000_000_000),
            ("1.5s", 1_500_000_000),
            ("-2m", -120_000_000_000),
            ("0", 0),
            (".5h", 1_800_000_000_000),
            ("3us", 3_000),
        ] {
            assert_eq!(text.parse::<GoDuration>().unwrap().nanos(), nanos, "{text}");
        }
        for bad in ["", "-", "5", "1x", "1..5s", ".s", "m", "1h 3m", "9999999h", "five", "1e3s"] {
            assert!(bad.parse::<GoDuration>().is_err(), "{bad}");
        }
    }

    #[test]
    fn prints_as_go_prints() {
        for (text, printed) in
            [("90s", "1m30s"), ("1h30m", "1h30m0s"), ("1500ms", "1.5s"), ("100ms", "100ms"), ("1us", "\u{b5}s"), ("0", "0s")]
        {
            let want = if text == "1us" { format!("1{printed}") } else { printed.to_owned() };
            assert_eq!(text.parse::<GoDuration>().unwrap().to_string(), want);
        }
    }

    proptest! {
        #[test]
        fn printed_reads_back(nanos: i64) {
            prop_assume!(nanos != i64::MIN);
            let d = GoDuration::from_nanos(nanos);
            prop_assert_eq!(d.to_string().parse::<GoDuration>().unwrap(), d);
        }

        #[test]
        fn any_text_is_survived(text in ".{0,24}") {
            let _ = text.parse::<GoDuration>();
        }
    }
}
