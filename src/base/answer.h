#ifndef PGUNLOCK_BASE_ANSWER_H
#define PGUNLOCK_BASE_ANSWER_H

/* What a question that may lack facts gets: logic of three values (Kleene's). The order is that of
 * the truth in it, so that "and" is the least of two and "or" the greatest. */

#include <glib.h>

typedef enum {
	ANSWER_NO,
	ANSWER_UNKNOWN,
	ANSWER_YES,
} Answer;

static inline Answer answer_of(gboolean is_so)
{
	return is_so ? ANSWER_YES : ANSWER_NO;
}

static inline Answer answer_and(Answer a, Answer b)
{
	return MIN(a, b);
}

static inline Answer answer_or(Answer a, Answer b)
{
	return MAX(a, b);
}

static inline Answer answer_not(Answer a)
{
	return (Answer) (ANSWER_YES - a);
}

#endif
