//! Refuses programs that need not end, and puts a meter into those that do.
//!
//! A program without recursion and with the offered filters alone always ends, but it may take
//! longer than the world lasts: nested iteration, doubling of strings, `[., .]` forty times over.
//! So the parsed program is rewritten before it is compiled. What is written once runs once, however
//! long it is; only what makes many values out of one can multiply: `.[]`, `..`, `,`, calls of the
//! program's own definitions, and a few filters. Each of those ticks a counter by as many steps as
//! the longest definition has terms, which pays for all that may follow until the next tick. What
//! makes a bigger value, or looks through one, weighs it. When the allowance is used up the program
//! stops; jq cannot catch that.
//!
//! Names that begin with `!` cannot be written in a program, so they never clash with its own.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Def, Pattern, Term},
    },
    ops::Math,
    path::{Part, Path},
};

use super::offered::{self, Guard, Terms};

/// How deeply terms may nest; a deeper program would exhaust the stack of whoever compiles it.
const MAX_TERM_DEPTH: usize = 400;
/// Terms of a definition up to which calls of it cost nothing of their own: they count as if they were
/// written where the call is.
const SMALL_DEFINITION: usize = 300;

/// Why a program is refused, and at which of its words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal<'s> {
    pub word: &'s str,
    pub reason: String,
}

/// A definition or parameter that is visible where we are.
struct Known<'s> {
    name: &'s str,
    arity: usize,
    /// Its body is being read: to call it here would be recursion.
    open: bool,
    /// Terms of its body, with those of the small definitions it calls; `None` for a parameter, which may
    /// be anything.
    terms: Option<usize>,
}

/// Rewrites terms; knows the definitions in scope.
#[derive(Default)]
pub(super) struct Meter<'s> {
    scope: Vec<Known<'s>>,
    depth: usize,
    /// Terms of the body that is being read.
    terms: usize,
    /// Terms of the longest body that was read.
    longest: usize,
}

type Metered<'s> = Result<Term<&'s str>, Refusal<'s>>;

impl<'s> Meter<'s> {
    /// The same program with a meter in it.
    pub(super) fn term(&mut self, term: Term<&'s str>) -> Metered<'s> {
        self.depth += 1;
        self.terms += 1;
        if self.depth > MAX_TERM_DEPTH {
            return Err(Refusal {
                word: "",
                reason: format!("is nested more than {MAX_TERM_DEPTH} levels deep"),
            });
        }
        let metered = self.inner(term);
        self.depth -= 1;
        metered
    }

    /// Terms of the longest body there is: the price of a tick.
    pub(super) fn longest(&self) -> usize {
        self.longest.max(self.terms)
    }

    /// The same definition with a meter in it; it stays visible.
    pub(super) fn definition(
        &mut self,
        definition: Def<&'s str>,
    ) -> Result<Def<&'s str>, Refusal<'s>> {
        let Def { name, args, body } = definition;
        self.scope.push(Known {
            name,
            arity: args.len(),
            open: true,
            terms: Some(0),
        });
        let own = self.scope.len();
        let outer = std::mem::take(&mut self.terms);
        self.scope.extend(args.iter().map(|argument| Known {
            name: argument.strip_prefix('$').unwrap_or(argument),
            arity: 0,
            open: false,
            terms: None,
        }));
        let body = self.term(body)?;
        self.scope.truncate(own);
        let terms = std::mem::replace(&mut self.terms, outer);
        self.longest = self.longest.max(terms);
        self.scope[own - 1].open = false;
        self.scope[own - 1].terms = Some(terms);
        Ok(Def { name, args, body })
    }

    fn inner(&mut self, term: Term<&'s str>) -> Metered<'s> {
        Ok(match term {
            Term::Id | Term::Num(_) | Term::Var(_) | Term::Break(_) | Term::Arr(None) => term,
            Term::Recurse => then(Term::Recurse, "!tick"),
            Term::Str(format, parts) => {
                // Its parts are weighed, and it is no more than they are.
                self.text(format, parts)?
            }
            Term::Arr(Some(items)) => {
                let items = self.listed(*items)?;
                then(Term::Arr(Some(Box::new(items))), "!weigh")
            }
            Term::Obj(entries) => {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| self.entry(key, value))
                    .collect::<Result<_, _>>()?;
                then(Term::Obj(entries), "!weigh")
            }
            Term::Neg(inner) => Term::Neg(self.boxed(*inner)?),
            Term::BinOp(left, operator, right) => self.operation(*left, operator, *right)?,
            Term::Label(name, inner) => Term::Label(name, self.boxed(*inner)?),
            Term::Fold(name, source, pattern, steps) => Term::Fold(
                name,
                self.boxed(*source)?,
                self.pattern(pattern)?,
                self.each_term(steps)?,
            ),
            Term::TryCatch(tried, caught) => {
                // The error's text is made whether it is looked at or not, so it is weighed.
                let caught = caught.map_or(Ok(call("!empty", Vec::new())), |it| self.term(*it))?;
                let caught = pipe(call("!weigh", Vec::new()), caught);
                Term::TryCatch(self.boxed(*tried)?, Some(Box::new(caught)))
            }
            Term::IfThenElse(cases, otherwise) => Term::IfThenElse(
                cases
                    .into_iter()
                    .map(|(condition, value)| Ok((self.term(condition)?, self.term(value)?)))
                    .collect::<Result<_, _>>()?,
                otherwise.map(|it| self.boxed(*it)).transpose()?,
            ),
            Term::Def(definitions, body) => self.local(definitions, *body)?,
            Term::Call(name, arguments) => self.call(name, arguments)?,
            Term::Path(base, path) => self.path(*base, path)?,
        })
    }

    /// What stands between brackets. Its commas make nothing run more often: each value is collected.
    fn listed(&mut self, items: Term<&'s str>) -> Metered<'s> {
        // The first of many items is the deepest, so this walks down and up again.
        let mut rest = Vec::new();
        let mut first = items;
        while let Term::BinOp(left, BinaryOp::Comma, right) = first {
            rest.push(self.term(*right)?);
            first = *left;
        }
        let first = self.term(first)?;
        Ok(rest
            .into_iter()
            .rev()
            .fold(first, |left, right| binary(left, BinaryOp::Comma, right)))
    }

    fn boxed(&mut self, term: Term<&'s str>) -> Result<Box<Term<&'s str>>, Refusal<'s>> {
        self.term(term).map(Box::new)
    }

    fn each_term(&mut self, terms: Vec<Term<&'s str>>) -> Result<Vec<Term<&'s str>>, Refusal<'s>> {
        terms.into_iter().map(|term| self.term(term)).collect()
    }

    /// Definitions one inside the other, so that each sees only those before it.
    fn local(&mut self, definitions: Vec<Def<&'s str>>, body: Term<&'s str>) -> Metered<'s> {
        let before = self.scope.len();
        let mut metered = Vec::with_capacity(definitions.len());
        for definition in definitions {
            metered.push(self.definition(definition)?);
        }
        let body = self.term(body)?;
        self.scope.truncate(before);
        Ok(metered.into_iter().rev().fold(body, |body, definition| {
            Term::Def(vec![definition], Box::new(body))
        }))
    }

    fn call(&mut self, name: &'s str, arguments: Vec<Term<&'s str>>) -> Metered<'s> {
        let arity = arguments.len();
        let known = self
            .scope
            .iter()
            .rev()
            .find(|known| known.name == name && known.arity == arity);
        if let Some(known) = known {
            if known.open {
                return Err(Refusal {
                    word: name,
                    reason: format!("`{name}` calls itself: recursion need not end"),
                });
            }
            let small = known.terms.filter(|terms| *terms <= SMALL_DEFINITION);
            let call = Term::Call(name, self.each_term(arguments)?);
            if let Some(terms) = small {
                self.terms += terms;
                return Ok(call);
            }
            return Ok(pipe(self::call("!tick", Vec::new()), call));
        }
        let terms = offered::terms(name, arity).ok_or_else(|| Refusal {
            word: name,
            reason: format!("`{name}/{arity}` is not offered (unknown, or need not end)"),
        })?;
        self.offered(name, arguments, terms)
    }

    fn offered(
        &mut self,
        name: &'s str,
        arguments: Vec<Term<&'s str>>,
        terms: Terms,
    ) -> Metered<'s> {
        let mut metered = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.into_iter().enumerate() {
            let cheap = !terms.weighs_arguments || is_literal(&argument);
            let argument = self.term(argument)?;
            metered.push(match terms.guard {
                Guard::Pattern if position == 0 => then(argument, "!pattern"),
                _ if cheap => argument,
                _ => then(argument, "!weigh"),
            });
        }
        let check = match terms.guard {
            Guard::Free => None,
            Guard::Length => Some("!length"),
            Guard::Each => Some("!each"),
            Guard::Weigh => Some("!weigh"),
            Guard::WeighEach => Some("!weigh_each"),
            Guard::Modest | Guard::Pattern => Some("!modest"),
        };
        let mut call = Term::Call(name, metered);
        if let Some(check) = check {
            call = pipe(self::call(check, Vec::new()), call);
        }
        Ok(match name {
            "add" if terms.guard == Guard::Free => then(call, "!length"),
            _ if terms.several => then(call, "!tick"),
            _ => call,
        })
    }

    fn operation(
        &mut self,
        left: Term<&'s str>,
        operator: BinaryOp<&'s str>,
        right: Term<&'s str>,
    ) -> Metered<'s> {
        let literal = is_literal(&left) || is_literal(&right);
        let number = matches!(left, Term::Num(_)) || matches!(right, Term::Num(_));
        let left = self.term(left)?;
        let right = self.term(right)?;
        Ok(match operator {
            BinaryOp::Pipe(Some(pattern)) => {
                let pattern = self.pattern(pattern)?;
                binary(left, BinaryOp::Pipe(Some(pattern)), right)
            }
            BinaryOp::Math(Math::Add | Math::Sub | Math::Div) if number => {
                binary(left, operator, right)
            }
            BinaryOp::Math(operator) => arithmetic(left, operator, right),
            BinaryOp::Cmp(_) if literal => binary(left, operator, right),
            BinaryOp::Cmp(_) => binary(then(left, "!weigh"), operator, right),
            BinaryOp::Comma => binary(left, operator, then(right, "!tick")),
            // `l += r` is `r as $x | l |= . + $x`, so that the sum is metered like any other.
            BinaryOp::UpdateMath(operator) => {
                let sum = arithmetic(Term::Id, operator, Term::Var("$!right"));
                let update = then(binary(left, BinaryOp::Update, sum), "!weigh");
                binary(right, BinaryOp::Pipe(Some(Pattern::Var("$!right"))), update)
            }
            BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateAlt => {
                then(binary(left, operator, right), "!weigh")
            }
            BinaryOp::Pipe(None) | BinaryOp::Alt | BinaryOp::Or | BinaryOp::And => {
                binary(left, operator, right)
            }
        })
    }

    /// Cuts `.a[].b[]` after every part that iterates, to tick there. What stands in brackets is
    /// asked of the value before the path, which is why that is kept under a name.
    fn path(&mut self, base: Term<&'s str>, path: Path<Term<&'s str>>) -> Metered<'s> {
        let mut term = self.term(base)?;
        let mut parts = Vec::new();
        let mut cut = false;
        for (part, optional) in path.0 {
            let part = match part {
                Part::Index(index) => Part::Index(self.index(index, cut)?),
                Part::Range(from, to) => Part::Range(
                    from.map(|it| self.index(it, cut)).transpose()?,
                    to.map(|it| self.index(it, cut)).transpose()?,
                ),
            };
            let iterates = matches!(part, Part::Range(None, None));
            parts.push((part, optional));
            if iterates {
                term = then(
                    Term::Path(Box::new(term), Path(std::mem::take(&mut parts))),
                    "!tick",
                );
                cut = true;
            }
        }
        if !parts.is_empty() {
            term = Term::Path(Box::new(term), Path(parts));
        }
        if cut {
            let whole = BinaryOp::Pipe(Some(Pattern::Var("$!whole")));
            term = binary(Term::Id, whole, term);
        }
        Ok(term)
    }

    fn index(&mut self, index: Term<&'s str>, cut: bool) -> Metered<'s> {
        let constant = is_literal(&index) || matches!(index, Term::Var(_));
        let index = self.term(index)?;
        Ok(if cut && !constant {
            pipe(Term::Var("$!whole"), index)
        } else {
            index
        })
    }

    fn entry(
        &mut self,
        key: Term<&'s str>,
        value: Option<Term<&'s str>>,
    ) -> Result<(Term<&'s str>, Option<Term<&'s str>>), Refusal<'s>> {
        // A key without a value must keep its form: `{$x}`, `{"a b"}`.
        let key = match key {
            Term::Str(format, parts) => self.text(format, parts)?,
            key => self.term(key)?,
        };
        Ok((key, value.map(|it| self.term(it)).transpose()?))
    }

    fn text(
        &mut self,
        format: Option<&'s str>,
        parts: Vec<StrPart<&'s str, Term<&'s str>>>,
    ) -> Metered<'s> {
        if let Some(format) = format
            && offered::terms(format, 0).is_none()
        {
            return Err(Refusal {
                word: format,
                reason: format!("the format `{format}` is not offered"),
            });
        }
        let parts = parts
            .into_iter()
            .map(|part| {
                Ok(match part {
                    StrPart::Term(term) if is_literal(&term) => StrPart::Term(self.term(term)?),
                    StrPart::Term(term) => StrPart::Term(then(self.term(term)?, "!weigh")),
                    part => part,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Term::Str(format, parts))
    }

    fn pattern(&mut self, pattern: Pattern<&'s str>) -> Result<Pattern<&'s str>, Refusal<'s>> {
        Ok(match pattern {
            Pattern::Var(_) => pattern,
            Pattern::Arr(items) => Pattern::Arr(
                items
                    .into_iter()
                    .map(|item| self.pattern(item))
                    .collect::<Result<_, _>>()?,
            ),
            Pattern::Obj(entries) => Pattern::Obj(
                entries
                    .into_iter()
                    .map(|(key, value)| Ok((self.term(key)?, self.pattern(value)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

/// A number or text that is written out: what is done with it is bounded by the program's length.
fn is_literal(term: &Term<&str>) -> bool {
    match term {
        Term::Num(_) => true,
        Term::Str(None, parts) => !parts.iter().any(|part| matches!(part, StrPart::Term(_))),
        _ => false,
    }
}

fn arithmetic<'s>(left: Term<&'s str>, operator: Math, right: Term<&'s str>) -> Term<&'s str> {
    let plain = |left, right| binary(left, BinaryOp::Math(operator), right);
    match operator {
        Math::Add => then(plain(left, right), "!length"),
        Math::Mul => call("!multiply", vec![left, right]),
        Math::Sub | Math::Div => plain(then(left, "!weigh"), then(right, "!weigh")),
        Math::Rem => plain(left, right),
    }
}

fn binary<'s>(
    left: Term<&'s str>,
    operator: BinaryOp<&'s str>,
    right: Term<&'s str>,
) -> Term<&'s str> {
    Term::BinOp(Box::new(left), operator, Box::new(right))
}

fn pipe<'s>(left: Term<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    binary(left, BinaryOp::Pipe(None), right)
}

fn then<'s>(term: Term<&'s str>, check: &'static str) -> Term<&'s str> {
    pipe(term, call(check, Vec::new()))
}

fn call<'s>(name: &'static str, arguments: Vec<Term<&'s str>>) -> Term<&'s str> {
    Term::Call(name, arguments)
}
