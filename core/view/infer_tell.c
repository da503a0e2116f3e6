/* SPDX-License-Identifier: MIT */
/* What `info` says of a layout that variables told. */
#include "view/facts.h"
#include "view/inference.h"

static void tell_candidates(const struct inference *inference, bool placed,
			    const struct caller *caller, struct buf *out)
{
	for (size_t i = 0; i < inference->candidates.n; i++) {
		const struct candidate *candidate = &inference->candidates.all[i];

		if (candidate->placed != placed)
			continue;
		buf_puts(out, placed ? "Variable:\t" : "Candidate:\t");
		if (facts_may_see(caller, &candidate->process))
			candidate_tell(candidate, out);
		else
			buf_putc(out, '-');
		buf_putc(out, '\n');
	}
}

static void tell_stop(const struct halt_report *report, struct buf *out)
{
	buf_printf(out, "Auto-Stop-Us:\t%lu\n", (unsigned long)(report->longest + 999) / 1000);
	buf_printf(out, "Auto-Threads:\t%u\n", report->copied);
	buf_printf(out, "Auto-Left-Alone:\t%u stopped, %u traced, %u busy, %u refused, %u late\n",
		   report->stopped, report->traced, report->busy, report->refused, report->left);
}

void inference_tell(const struct inference *inference, const struct caller *caller, struct buf *out)
{
	tell_candidates(inference, true, caller, out);
	tell_candidates(inference, false, caller, out);
	if (inference->candidates.left_out)
		buf_printf(out, "Candidates-Left-Out:\t%zu\n", inference->candidates.left_out);
	if (inference->late)
		buf_puts(out, "Candidates-Late:\tnot everything could be looked at in time\n");
	if (inference->stopped)
		tell_stop(&inference->report, out);
}
