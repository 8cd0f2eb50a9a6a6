//! From the text of a pattern to its alternatives.

use std::iter::Peekable;
use std::str::Chars;

use super::token::Token;
use super::{Alternative, GlobError, MAX_ALTERNATIVES, MAX_PATTERN, names_drive};

/// What a refusal is made of: a variant that takes the pattern.
type Refusal = fn(String) -> GlobError;

type Tokens = Vec<Token>;

pub(super) fn alternatives(pattern: &str) -> Result<Vec<Alternative>, GlobError> {
    if pattern.len() > MAX_PATTERN {
        return Err(GlobError::TooLong(pattern.len()));
    }
    let refuse = |why: Refusal| why(pattern.to_owned());
    if pattern.chars().any(char::is_control) {
        return Err(refuse(GlobError::Control));
    }
    if names_drive(pattern) {
        return Err(refuse(GlobError::Drive));
    }
    let mut text = pattern.chars().peekable();
    let expanded = sequence(&mut text, Depth::Top).map_err(refuse)?;
    expanded
        .into_iter()
        .map(|tokens| anchored(tokens).map_err(|why| why.map_or(GlobError::Empty, refuse)))
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Top,
    InBraces,
}

/// Every expansion of what stands here, up to the end or, in braces, to `,` or `}`.
fn sequence(text: &mut Peekable<Chars>, depth: Depth) -> Result<Vec<Tokens>, Refusal> {
    let mut expanded = vec![Tokens::new()];
    while let Some(c) = text.next_if(|c| depth == Depth::Top || !matches!(c, ',' | '}')) {
        let token = match c {
            '{' => {
                expanded = combined(&expanded, &braces(text)?)?;
                continue;
            }
            '*' if text.next_if_eq(&'*').is_some() => {
                while text.next_if_eq(&'*').is_some() {}
                Token::DeepStar
            }
            '*' => Token::Star,
            '?' => Token::One,
            '[' => class(text)?,
            '\\' => Token::Char(text.next().ok_or(GlobError::TrailingBackslash as Refusal)?),
            c => Token::Char(c),
        };
        for tokens in &mut expanded {
            tokens.push(token.clone());
        }
    }
    Ok(expanded)
}

/// The alternatives after a `{`.
fn braces(text: &mut Peekable<Chars>) -> Result<Vec<Tokens>, Refusal> {
    let mut choices = Vec::new();
    loop {
        choices.extend(sequence(text, Depth::InBraces)?);
        match text.next() {
            Some(',') => {}
            Some(_) => return Ok(choices),
            None => return Err(GlobError::UnclosedBrace),
        }
    }
}

fn combined(heads: &[Tokens], tails: &[Tokens]) -> Result<Vec<Tokens>, Refusal> {
    if heads.len() * tails.len() > MAX_ALTERNATIVES {
        return Err(GlobError::TooManyAlternatives);
    }
    let join = |head: &Tokens| {
        tails
            .iter()
            .map(|tail| [&head[..], tail].concat())
            .collect()
    };
    Ok(heads.iter().flat_map::<Vec<Tokens>, _>(join).collect())
}

/// The class after a `[`; a `]` that stands first is a member.
fn class(text: &mut Peekable<Chars>) -> Result<Token, Refusal> {
    let negated = text.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    loop {
        let first = match text.next() {
            Some(']') if !ranges.is_empty() => return Ok(Token::Class { negated, ranges }),
            c => member(c, text)?,
        };
        let mut ahead = text.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(c)) if c != ']' => {
                *text = ahead;
                member(Some(c), text)?
            }
            _ => first,
        };
        if last < first {
            return Err(GlobError::Range);
        }
        ranges.push((first, last));
    }
}

fn member(c: Option<char>, text: &mut Peekable<Chars>) -> Result<char, Refusal> {
    let c = if c == Some('\\') { text.next() } else { c };
    c.ok_or(GlobError::UnclosedClass)
}

/// One expansion without what a leading or trailing `/` and a leading `./` add; the error is
/// nothing where it is empty.
fn anchored(mut tokens: Tokens) -> Result<Alternative, Option<Refusal>> {
    const SLASH: Token = Token::Char('/');
    const DOT: Token = Token::Char('.');
    loop {
        let lead = match tokens[..] {
            [SLASH, ..] => 1,
            [DOT, SLASH, ..] => 2,
            _ => break,
        };
        tokens.drain(..lead);
    }
    let ends_in_slash = tokens.pop_if(|last| *last == SLASH).is_some();
    if tokens.is_empty() {
        return Err(None);
    }
    for segment in tokens.split(|token| *token == SLASH) {
        match segment {
            [DOT, DOT] => return Err(Some(GlobError::Parent)),
            [] | [DOT] => return Err(Some(GlobError::Segment)),
            _ => {}
        }
    }
    let mut last = tokens.rsplit(|token| *token == SLASH);
    let is_name = last
        .next()
        .is_some_and(|last| last.iter().all(Token::is_literal));
    let tokens = with_segments(&tokens);
    Ok(Alternative {
        beginning: tokens.iter().map_while(Token::literal).collect(),
        tokens,
        covers_beneath: ends_in_slash || is_name,
    })
}

/// Joins each `**` and `/` that make up a whole segment.
fn with_segments(mut rest: &[Token]) -> Tokens {
    let mut tokens = Tokens::new();
    while let [first, after @ ..] = rest {
        let starts_segment = matches!(
            tokens.last(),
            None | Some(Token::Char('/') | Token::Segments)
        );
        match rest {
            [Token::DeepStar, Token::Char('/'), beyond @ ..] if starts_segment => {
                tokens.push(Token::Segments);
                rest = beyond;
            }
            _ => {
                tokens.push(first.clone());
                rest = after;
            }
        }
    }
    tokens
}
