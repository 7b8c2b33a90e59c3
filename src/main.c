#include "cli/cli.h"

#include <locale.h>

int main(int argc, char **argv)
{
	/* Only the characters are the locale's: numbers and messages stay as programs expect them. */
	setlocale(LC_CTYPE, "");
	return cli_main(argc, argv, NULL);
}
