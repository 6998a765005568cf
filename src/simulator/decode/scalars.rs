//! Times and bytes as they are written back, and what Go says of text that is neither.
use crate::terms::schema::Scalar;
use base64::Engine;
use jiff::Timestamp;

/// A time as it is written back: UTC, to the second or the microsecond.
pub(super) fn time(text: &str, scalar: Scalar) -> Result<String, String> {
    let time: Timestamp = match text.parse() {
        Ok(time) if text.get(10..11) == Some("T") => time,
        Ok(_) | Err(_) => return Err(bad_time(text, scalar)),
    };
    let form = if scalar == Scalar::MicroTime { "%Y-%m-%dT%H:%M:%S%.6fZ" } else { "%Y-%m-%dT%H:%M:%SZ" };
    Ok(time.strftime(form).to_string())
}

/// Where Go's time parser gives up.
fn bad_time(text: &str, scalar: Scalar) -> String {
    let mut rest = text;
    let mut part = "Z07:00";
    for wanted in ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"] {
        let digits = wanted.bytes().all(|b| b.is_ascii_digit());
        let fits = rest.get(..wanted.len()).filter(|got| if digits { got.bytes().all(|b| b.is_ascii_digit()) } else { *got == wanted });
        if fits.is_none() {
            part = wanted;
            break;
        }
        rest = rest.get(wanted.len()..).unwrap_or_default();
    }
    let layout = if scalar == Scalar::MicroTime { "2006-01-02T15:04:05.000000Z07:00" } else { "2006-01-02T15:04:05Z07:00" };
    format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {part:?}")
}

/// Base64 as it is written back.
pub(super) fn bytes(text: &str) -> Result<String, String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let standard = base64::engine::general_purpose::STANDARD;
    match standard.decode(&plain) {
        Ok(bytes) => Ok(standard.encode(bytes)),
        Err(why) => {
            let at = match why {
                base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                _ if plain.contains('=') => plain.len(),
                base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => plain.len() / 4 * 4,
            };
            Err(format!("illegal base64 data at input byte {at}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc() {
        assert_eq!(time("2026-01-02T03:04:05+01:00", Scalar::Time).unwrap(), "2026-01-02T02:04:05Z");
        assert_eq!(time("2026-01-02T03:04:05.5Z", Scalar::MicroTime).unwrap(), "2026-01-02T03:04:05.500000Z");
        let why = time("2026-01-02 03:04:05Z", Scalar::Time).unwrap_err();
        assert!(why.ends_with(r#"cannot parse " 03:04:05Z" as "T""#), "{why}");
        assert!(time("2026-01-02T03:04:05", Scalar::Time).unwrap_err().ends_with(r#"cannot parse "" as "Z07:00""#));
    }

    #[test]
    fn bytes_are_told_where_they_break() {
        assert_eq!(bytes("Zm9v\nYg==").unwrap(), "Zm9vYg==");
        assert_eq!(bytes("*").unwrap_err(), "illegal base64 data at input byte 0");
        assert_eq!(bytes("YQ=").unwrap_err(), "illegal base64 data at input byte 3");
    }
}
