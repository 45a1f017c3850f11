/* being written */ typedef int ms_empty;
