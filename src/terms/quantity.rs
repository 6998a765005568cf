//! Resource quantities (`250m`, `1.5Gi`, `2e3`), exact to a billionth.
//!
//! Source of the rules: `Quantity` in `k8s.io/apimachinery/pkg/api/resource`.
use std::{cmp::Ordering, fmt, str::FromStr};

/// A number of something with the notation it was written in. Two quantities are equal when their amounts are, whatever the notation.
#[derive(Debug, Clone, Copy)]
pub struct Quantity {
    nanos: i128,
    notation: Notation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Decimal,
    Binary,
    Exponent,
}

/// Why a text is no quantity; carries the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no quantity (try 250m, 2, 512Mi)")]
pub struct NotAQuantity(pub String);

const NANO: i128 = 1_000_000_000;
/// The largest amount Kubernetes keeps; larger ones become this one.
const MAX: i128 = i64::MAX as i128 * NANO;
const DECIMAL: &[(&str, i32)] = &[("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
const BINARY: &[&str] = &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl Quantity {
    /// Nothing, in decimal notation.
    pub const ZERO: Quantity = Quantity { nanos: 0, notation: Notation::Decimal };

    /// A whole number.
    pub fn whole(n: i64) -> Self {
        Quantity { nanos: i128::from(n) * NANO, notation: Notation::Decimal }
    }

    /// A number of thousandths (`250` is a quarter of a CPU).
    pub fn milli(n: i64) -> Self {
        Quantity { nanos: i128::from(n) * 1_000_000, notation: Notation::Decimal }
    }

    /// A number of bytes, printed in binary notation.
    pub fn bytes(n: i64) -> Self {
        Quantity { nanos: i128::from(n) * NANO, notation: Notation::Binary }
    }

    /// Whether the amount is zero.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// Thousandths, rounded away from zero as Kubernetes does.
    pub fn as_milli(self) -> i64 {
        saturate(round_up(self.nanos, 1_000_000))
    }

    /// The whole number, rounded away from zero as Kubernetes does.
    pub fn as_whole(self) -> i64 {
        saturate(round_up(self.nanos, NANO))
    }

    /// The exact amount in billionths.
    pub fn nanos(self) -> i128 {
        self.nanos
    }

    /// The sum, in the notation of the first (of the second when the first is zero).
    pub fn plus(self, other: Quantity) -> Quantity {
        let notation = if self.is_zero() { other.notation } else { self.notation };
        Quantity { nanos: cap(self.nanos + other.nanos), notation }
    }

    /// The difference, in the notation of the first.
    pub fn minus(self, other: Quantity) -> Quantity {
        Quantity { nanos: cap(self.nanos - other.nanos), notation: self.notation }
    }

    /// So many of it.
    pub fn times(self, factor: i64) -> Quantity {
        Quantity { nanos: cap(self.nanos.saturating_mul(i128::from(factor))), notation: self.notation }
    }
}

fn cap(nanos: i128) -> i128 {
    nanos.clamp(-MAX, MAX)
}

fn saturate(n: i128) -> i64 {
    i64::try_from(n).unwrap_or(if n < 0 { i64::MIN } else { i64::MAX })
}

fn round_up(n: i128, unit: i128) -> i128 {
    let away = if n < 0 { -(unit - 1) } else { unit - 1 };
    (n + away) / unit
}

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        parse(text).ok_or_else(|| NotAQuantity(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let (multiplier, power, notation) = unit(suffix)?;
    let nanos = scaled(whole, fraction, multiplier, power);
    Some(Quantity { nanos: if negative { -nanos } else { nanos }, notation })
}

/// What a suffix multiplies by: a whole factor, and a power of ten.
fn unit(suffix: &str) -> Option<(i128, i32, Notation)> {
    if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((1, *power, Notation::Decimal));
    }
    if let Some(step) = BINARY.iter().position(|name| *name == suffix) {
        return Some((1_i128 << (10 * step), 0, Notation::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // More than these many zeros is beyond both ends of what is kept, whatever the number before it.
    let power = exponent.parse::<i32>().unwrap_or(if exponent.starts_with('-') { -10_000 } else { 10_000 }).clamp(-10_000, 10_000);
    Some((1, power, Notation::Exponent))
}

/// `whole.fraction × multiplier × 10^power` in billionths, rounded up to the next one and capped, as the API server does.
fn scaled(whole: &str, fraction: &str, multiplier: i128, power: i32) -> i128 {
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').skip_while(|d| *d == 0).collect();
    let mut shift = i64::from(power) + 9 - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let mut value: i128 = 0;
    let mut lost = false;
    let keep = i64::try_from(digits.len()).unwrap_or(i64::MAX) + shift.min(0);
    // Multiplying by up to 2^60 first keeps binary fractions exact (`0.3Ki` has a finite number of billionths).
    for (at, digit) in digits.iter().enumerate() {
        if value > MAX {
            return MAX;
        }
        if multiplier == 1 && i64::try_from(at).unwrap_or(i64::MAX) >= keep {
            lost |= *digit != 0;
            continue;
        }
        if value > 1_000_000_000_000_000_000 && multiplier > 1 && at >= whole.len() {
            lost |= *digit != 0;
            shift += 1;
            continue;
        }
        value = value * 10 + i128::from(*digit);
    }
    if multiplier == 1 && shift < 0 {
        shift = 0;
    }
    let Some(mut value) = value.checked_mul(multiplier) else { return if value == 0 { 0 } else { MAX } };
    while shift > 0 && value != 0 {
        if value > MAX {
            return MAX;
        }
        value *= 10;
        shift -= 1;
    }
    while shift < 0 {
        lost |= value % 10 != 0;
        value /= 10;
        shift += 1;
    }
    (value + i128::from(lost)).min(MAX)
}

impl fmt::Display for Quantity {
    /// The canonical form: no fraction, the largest unit that loses nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let whole = self.nanos / NANO;
        if self.notation == Notation::Binary && self.nanos % NANO == 0 && whole.abs() >= 1024 {
            let step = ((whole.trailing_zeros() / 10) as usize).min(BINARY.len() - 1);
            return write!(f, "{}{}", whole >> (10 * step), BINARY[step]);
        }
        let mut value = self.nanos;
        let mut power = -9;
        while value % 1000 == 0 && power < 18 {
            value /= 1000;
            power += 3;
        }
        match self.notation {
            Notation::Exponent if power != 0 => write!(f, "{value}e{power}"),
            Notation::Exponent | Notation::Decimal | Notation::Binary => {
                let suffix = DECIMAL.iter().find(|(_, p)| *p == power).map_or("", |(name, _)| name);
                write!(f, "{value}{suffix}")
            }
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;
    use proptest::prelude::*;

    fn q(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn canonical_forms() {
        for (text, canonical) in [
            ("0", "0"),
            ("0m", "0"),
            ("250m", "250m"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("1.5", "1500m"),
            ("0.1", "100m"),
            ("100000", "100k"),
            ("1024", "1024"),
            ("1024Mi", "1Gi"),
            ("0.5Gi", "512Mi"),
            ("1.5Gi", "1536Mi"),
            ("512Ki", "512Ki"),
            ("100Ki", "100Ki"),
            ("1e3", "1e3"),
            ("1E3", "1e3"),
            ("12e2", "1200"),
            ("1e-3", "1e-3"),
            ("1E", "1E"),
            ("2Ei", "2Ei"),
            ("-250m", "-250m"),
            ("+3", "3"),
            (".5", "500m"),
            ("5.", "5"),
            ("1n", "1n"),
            ("0.1n", "1n"),
            ("0.5Ki", "512"),
            ("0.0001Ki", "102400u"),
            ("100E", "9223372036854775807"),
            ("99999999999999999999999999", "9223372036854775807"),
            ("1e9999999999", "9223372036854775807"),
            ("0e9999999999", "0"),
            ("1e-99999", "1e-9"),
        ] {
            assert_eq!(q(text).to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn refuses_what_kubernetes_refuses() {
        for bad in ["", "m", "1.2.3", "1mi", "1 Gi", "1K", "--1", "1e", "1e+", "Gi", "1GiB", "½", ".", "-", "0x10"] {
            assert!(bad.parse::<Quantity>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sums_and_products() {
        assert_eq!(q("250m").plus(q("1")).to_string(), "1250m");
        assert_eq!(q("256Mi").times(4).to_string(), "1Gi");
        assert_eq!(q("1Gi").minus(q("1Mi")).to_string(), "1023Mi");
        assert_eq!(q("0.1").as_milli(), 100);
        assert_eq!(q("1u").as_milli(), 1);
        assert_eq!(q("1500m").as_whole(), 2);
        assert!(q("1Ki") > q("1k"));
        assert_eq!(q("1e3"), q("1k"));
    }

    proptest! {
        #[test]
        fn printed_reads_back(n in -1_000_000_000_i64..1_000_000_000, suffix in prop::sample::select(vec!["n","u","m","","k","M","Ki","Mi","Gi","e3","E-2"])) {
            let value = q(&format!("{n}{suffix}"));
            let again = q(&value.to_string());
            prop_assert_eq!(value, again);
            prop_assert_eq!(again.to_string(), value.to_string());
        }

        #[test]
        fn addition_and_times_agree(n in -1_000_000_i64..1_000_000, times in 0_i64..50) {
            let unit = Quantity::milli(n);
            let sum = (0..times).fold(Quantity::ZERO, |sum, _| sum.plus(unit));
            prop_assert_eq!(sum, unit.times(times));
        }

        #[test]
        fn any_text_is_survived(text in "[-+0-9.eEmkKMGi]{0,40}") {
            let _ = text.parse::<Quantity>();
        }
    }
}
