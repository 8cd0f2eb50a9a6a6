//! One step of a pattern.

/// Whether `A` and `a` are one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Exact,
    Ignored,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// `?`: any character of a segment.
    One,
    /// `[…]`: a character of a segment in, or if negated not in, any of the ranges.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    /// `*`: any number of characters of a segment.
    Star,
    /// `**`: any number of characters.
    DeepStar,
    /// `**/` at the start of a segment: any number of whole segments.
    Segments,
}

impl Token {
    /// Whether `c` may stand where this token stands.
    pub(super) fn takes(&self, c: char, case: Case) -> bool {
        match self {
            Self::Char(own) => *own == c || case == Case::Ignored && folds_to(*own, c),
            Self::One | Self::Star => c != '/',
            Self::Class { negated, ranges } => c != '/' && is_in(ranges, c, case) != *negated,
            Self::DeepStar | Self::Segments => true,
        }
    }

    /// Whether it may take more than one character.
    pub(super) fn repeats(&self) -> bool {
        matches!(self, Self::Star | Self::DeepStar | Self::Segments)
    }

    /// Whether it may end without a character more, at the start of a segment or within one.
    pub(super) fn may_end(&self, at_segment_start: bool) -> bool {
        match self {
            Self::Star | Self::DeepStar => true,
            Self::Segments => at_segment_start,
            Self::Char(_) | Self::One | Self::Class { .. } => false,
        }
    }

    /// The one spelling that it stands for, if it does.
    pub(super) fn literal(&self) -> Option<char> {
        match self {
            Self::Char(own) => Some(*own),
            _ => None,
        }
    }

    /// Whether it stands for one spelling only.
    pub(super) fn is_literal(&self) -> bool {
        self.literal().is_some()
    }
}

fn folds_to(a: char, b: char) -> bool {
    a.to_lowercase().eq(b.to_lowercase())
}

fn is_in(ranges: &[(char, char)], c: char, case: Case) -> bool {
    let holds = |c: char| {
        ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&c))
    };
    holds(c)
        || case == Case::Ignored && (c.to_lowercase().any(holds) || c.to_uppercase().any(holds))
}
