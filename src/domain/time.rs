//! Instants to the second, and durations as people write them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in UTC, to the second, written as RFC 3339 (`2025-01-25T10:30:00Z`). The width never changes:
/// git compares sizes before it asks our clean filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
#[schemars(with = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant this many seconds after 1970.
    pub fn from_seconds(seconds: i64) -> Timestamp {
        // Beyond these years the text would change its width.
        Timestamp(seconds.clamp(-62_135_596_800, 253_402_300_799))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, with any offset and any fraction; `None` when it is something else.
    pub fn parse(text: &str) -> Option<Timestamp> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| Timestamp::from_seconds(at.timestamp()))
    }

    /// Seconds from `earlier` to this; negative when this is the earlier one.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0 - earlier.0
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Timestamp {
        Timestamp::from_seconds(self.0.saturating_add(duration.seconds()))
    }

    /// The day, `2025-01-25`.
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default();
        f.write_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "\"{text}\" is not a time: write it as 2025-01-25T10:30:00Z"
            ))
        })
    }
}

/// A span of whole seconds: `90s`, `10m`, `2h`, `7d`; a bare number is seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(u32);

/// A duration that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a duration: write 90s, 10m, 2h or 7d")]
pub struct BadDuration(String);

impl Duration {
    /// A span of this many seconds.
    pub const fn from_seconds(seconds: u32) -> Duration {
        Duration(seconds)
    }

    /// Its length in seconds.
    pub fn seconds(self) -> i64 {
        i64::from(self.0)
    }

    /// As the standard library's duration.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_secs(u64::from(self.0))
    }
}

impl FromStr for Duration {
    type Err = BadDuration;
    fn from_str(text: &str) -> Result<Duration, BadDuration> {
        let bad = || BadDuration(super::escape::one_line(text, 40));
        let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
            None => (text, 1),
            Some(at) => match &text[at..] {
                "s" => (&text[..at], 1),
                "m" => (&text[..at], 60),
                "h" => (&text[..at], 3600),
                "d" => (&text[..at], 86_400),
                _ => return Err(bad()),
            },
        };
        let number: u32 = digits.parse().map_err(|_| bad())?;
        number.checked_mul(unit).map(Duration).ok_or_else(bad)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&span(self.seconds()))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A span as a person reads it at a glance: `12s`, `2m`, `3h`, `5d`.
pub fn span(seconds: i64) -> String {
    let n = seconds.unsigned_abs();
    let text = match n {
        0..60 => format!("{n}s"),
        60..3600 => format!("{}m", n / 60),
        3600..86_400 => format!("{}h", n / 3600),
        _ => format!("{}d", n / 86_400),
    };
    if seconds < 0 {
        format!("-{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("90s", 90),
            ("10m", 600),
            ("2h", 7200),
            ("7d", 604_800),
            ("45", 45),
            ("0", 0),
        ] {
            assert_eq!(text.parse::<Duration>().expect(text).seconds(), seconds);
        }
        for bad in [
            "",
            "m",
            "-5m",
            "5 m",
            "1.5h",
            "10w",
            "99999999999",
            "4000000000d",
            "１m",
        ] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }

    #[test]
    fn instants_keep_their_width() {
        for text in [
            "2025-01-25T10:30:00Z",
            "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(
            Timestamp::parse("2025-01-25T11:30:00.25+01:00")
                .map(|t| t.to_string())
                .as_deref(),
            Some("2025-01-25T10:30:00Z")
        );
        assert_eq!(Timestamp::from_seconds(i64::MAX).to_string().len(), 20);
        for bad in ["yesterday", "2025-01-25", "2025-01-25T10:30:00", ""] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }
}
