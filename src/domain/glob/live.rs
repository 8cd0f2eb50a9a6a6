//! The positions of a pattern that a path may have reached: a set of bits, on the stack.

use super::MAX_PATTERN;
use super::token::Token;

/// Positions run from 0 to the number of tokens, which is at most one for each byte.
const WORDS: usize = MAX_PATTERN / 64 + 1;

#[derive(Clone, Copy, Default)]
pub(super) struct Live([u64; WORDS]);

impl Live {
    /// Adds position `at`, and those after it while the tokens between may end here.
    pub(super) fn enter(&mut self, tokens: &[Token], mut at: usize, at_segment_start: bool) {
        while !self.holds(at) {
            self.0[at / 64] |= 1 << (at % 64);
            if !tokens
                .get(at)
                .is_some_and(|token| token.may_end(at_segment_start))
            {
                break;
            }
            at += 1;
        }
    }

    pub(super) fn holds(&self, at: usize) -> bool {
        self.0[at / 64] & 1 << (at % 64) != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    pub(super) fn positions(&self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(word, bits)| {
            let bits = std::iter::successors(Some(bits), |bits| Some(bits & bits.wrapping_sub(1)));
            bits.take_while(|bits| *bits != 0)
                .map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        })
    }
}
