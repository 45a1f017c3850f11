/* content/documents.h - what readers of Office documents share. */
#pragma once
#include "content/objects.h"

void ms_biff_look(const struct ms_file *f, struct ms_bytes stream); /* stream "Workbook" */
void ms_outlook_look(struct ms_ole *o);                             /* attachments of .msg files */
/* Instructions of fields ("DDEAUTO c:\\..."), wherever documents have them. */
void ms_field_look(const struct ms_file *f, struct ms_bytes instruction);
