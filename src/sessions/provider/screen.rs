//! Screens as text: only the end of one counts, since what stands above it was said long ago.

/// So many of its last lines that are not empty are looked at.
const LINES: usize = 24;

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\u{a0}'])
}

/// The end of a screen.
pub(super) struct End<'a>(Vec<&'a str>);

impl<'a> End<'a> {
    pub(super) fn of(screen: &'a str) -> End<'a> {
        let lines = screen.lines().rev().map(str::trim);
        let mut last: Vec<&str> = lines.filter(|line| !line.is_empty()).take(LINES).collect();
        last.reverse();
        End(last)
    }

    /// Whether one of the last `within` lines holds one of these words.
    pub(super) fn says(&self, within: usize, words: &[&str]) -> bool {
        let mut lines = self.0.iter().rev().take(within);
        lines.any(|line| words.iter().any(|word| line.contains(word)))
    }

    /// Whether one of the last `within` lines begins so, whatever frame it stands in.
    pub(super) fn begins(&self, within: usize, words: &[&str]) -> bool {
        let mut lines = self.0.iter().rev().take(within);
        lines.any(|line| {
            let line = line.trim_start_matches(['│', '┃', '|', ' ', '\u{a0}']);
            words.iter().any(|word| line.starts_with(word))
        })
    }

    /// What stands behind this sign on the last of the last `within` lines that begin with it.
    pub(super) fn after(&self, within: usize, sign: &str) -> Option<&'a str> {
        let mut lines = self.0.iter().rev().take(within);
        lines.find_map(|line| line.strip_prefix(sign).map(trimmed))
    }

    /// What stands behind this sign on the last line that begins with it right below one that begins with `above`.
    pub(super) fn below(&self, above: &str, sign: &str) -> Option<&'a str> {
        let mut pairs = self.0.windows(2).rev();
        pairs.find_map(|pair| {
            let said = pair[1].strip_prefix(sign).map(trimmed);
            said.filter(|_| pair[0].starts_with(above))
        })
    }

    /// The last line.
    pub(super) fn last(&self) -> &'a str {
        self.0.last().copied().unwrap_or_default()
    }
}
