/* The network of a lab as text. */
#ifndef LABRUN_CLI_TOPOLOGY_H
#define LABRUN_CLI_TOPOLOGY_H

#include "cli/print.h"
#include "graders/topology.h"

/* Each segment with the nodes on it: addresses, who is a witness, and which other segments a node
 * joins, so that the path from one segment to the next can be followed. */
void topology_print(const struct out *o, const struct topology *t);

#endif
