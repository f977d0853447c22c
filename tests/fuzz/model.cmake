yw_fuzz(model_spec ROOMS model)
